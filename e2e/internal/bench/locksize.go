package bench

import (
	"bytes"
	"compress/zlib"
	"context"
	"os"
	"path/filepath"

	"github.com/modelfn/modelfn/e2e/internal/bench/world"
)

// LockSize is what the lock of one model takes, on average over many.
type LockSize struct {
	Format world.Format `json:"format"`
	// Bytes in the directory, and Packed as Git stores them.
	Bytes  float64 `json:"bytes"`
	Packed float64 `json:"packed"`
}

// LockSizes measures the lock files of so many models.
func (b *Bench) LockSizes(ctx context.Context, n int) (list []LockSize, err error) {
	for _, format := range []world.Format{world.Legacy, world.Bundle, world.Keyless} {
		l, err := b.locked(ctx, format, world.Plan{Layout: world.One, N: n, Engine: "None"})
		if err != nil {
			return nil, err
		}
		content, err := os.ReadFile(filepath.Join(l.Path, world.LockFile))
		if err != nil {
			return nil, err
		}
		var packed bytes.Buffer
		w := zlib.NewWriter(&packed) // Git's own compression
		if _, err := w.Write(content); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		list = append(list, LockSize{format, float64(len(content)) / float64(n), float64(packed.Len()) / float64(n)})
	}
	return list, nil
}
