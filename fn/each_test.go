package fn

import (
	"fmt"
	"sync/atomic"
	"testing"
)

// TestEach: each thing has its turn, once.
func TestEach(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		things := make([]*atomic.Int32, n)
		for i := range things {
			things[i] = new(atomic.Int32)
		}
		each(things, func(thing *atomic.Int32) { thing.Add(1) })
		for i, thing := range things {
			if thing.Load() != 1 {
				t.Fatalf("%d of %d had %d turns", i, n, thing.Load())
			}
		}
	}
}

// TestEachPanics: whoever called gets it, and turns it into a refusal; it would end the
// process where it happens.
func TestEachPanics(t *testing.T) {
	defer func() {
		if p := recover(); p != "thing 7" {
			t.Errorf("panic %v", p)
		}
	}()
	each([]int{1, 7, 3}, func(i int) {
		if i == 7 {
			panic(fmt.Sprintf("thing %d", i))
		}
	})
	t.Error("it came back")
}
