package artifact

import (
	"context"
	"sync"
)

// Once is a Source that asks another one only once for each reference, and gives
// everyone who asks the same answer, an error too.
func Once(source Source) Source { return &once{source: source} }

type once struct {
	source  Source
	answers sync.Map // of *answer, by what was asked for
}

type answer struct {
	once   sync.Once
	pinned Pinned
	err    error
}

// Pin asks, or waits for who asked first.
func (o *once) Pin(ctx context.Context, ref Reference) (Pinned, error) {
	// A reference at a locked digest is another question than its tag.
	key := ref.uri + " " + string(ref.digest)
	value, _ := o.answers.LoadOrStore(key, new(answer))
	a := value.(*answer)
	a.once.Do(func() { a.pinned, a.err = o.source.Pin(ctx, ref) })
	return a.pinned, a.err
}
