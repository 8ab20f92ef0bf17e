package fn_test

import (
	"bytes"
	"testing"

	"github.com/modelfn/modelfn/fn"
)

// FuzzParse: what is read as a ResourceList is given back as one with as many items
// and results, and in the same bytes from then on.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n# a\n- apiVersion: v1\n  kind: A\n  metadata: {name: x}\n",
		"apiVersion: config.kubernetes.io/v1beta1\nkind: ResourceList\nresults: {name: x, items: [{message: a, severity: error}]}\nitems: []\n",
		"{apiVersion: config.kubernetes.io/v1, kind: ResourceList, functionConfig: {a: &a [b], c: *a}, items: [{d: 1}]}",
		"---\n---\nkind: ResourceList\napiVersion: config.kubernetes.io/v1alpha1\nitems: null\n", "? kind\n: ResourceList\n", "<<: {kind: ResourceList}\n",
		"apiVersion: config.kubernetes.io/v1\r\nkind: ResourceList\r\nitems: []\r\n", "kind: !!binary UmVzb3VyY2VMaXN0\napiVersion: config.kubernetes.io/v1\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		l, err := fn.Parse(in)
		if err != nil {
			return
		}
		items, results := len(l.Items), len(l.Results)
		out, err := l.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := fn.Parse(out)
		if err != nil {
			// YAML grows where it is written in blocks; what is cut off at a bound is no other list.
			if len(out) > 2*len(in) {
				return
			}
			t.Fatalf("%v:\n%q", err, out)
		}
		if len(again.Items) != items || len(again.Results) != results {
			t.Errorf("%d items and %d results, given back as %d and %d:\n%s", items, results, len(again.Items), len(again.Results), out)
		}
		twice, err := again.Bytes()
		if err != nil || !bytes.Equal(out, twice) {
			t.Errorf("%v:\n%s\nthe second time:\n%s", err, out, twice)
		}
	})
}
