package bench

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAllocations(t *testing.T) {
	const out = `goos: linux
pkg: github.com/modelfn/modelfn/trust
BenchmarkVerify/key-legacy-2   	      10	     61234 ns/op	    5120 B/op	      61 allocs/op
BenchmarkBuild 	      10	  61234000 ns/op	        12.5 MB/s	 8388608 B/op	   91234 allocs/op
PASS
ok  	github.com/modelfn/modelfn/trust	0.123s
`
	want := []Allocation{{"Verify/key-legacy", 5120, 61}, {"Build", 8388608, 91234}}
	if diff := cmp.Diff(want, parseAllocations(out)); diff != "" {
		t.Errorf("-want, +got:\n%s", diff)
	}
}
