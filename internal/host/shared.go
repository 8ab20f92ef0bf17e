package host

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/trust"
)

// Shared makes the Source of a platform once, for all directories of a run: what
// several of them name is asked for once. The run's Compiler lets what was verified
// while asking be known when it is judged.
func Shared(compiler *trust.Compiler) func(spec v1alpha1.ModelPlatformSpec) (artifact.Source, error) {
	sources := map[string]*asked{}
	return func(spec v1alpha1.ModelPlatformSpec) (artifact.Source, error) {
		raw, err := json.Marshal(spec)
		if err != nil {
			return nil, fmt.Errorf("platform: %w", err)
		}
		if known := sources[string(raw)]; known != nil {
			return known, nil
		}
		policy, errs := compiler.Compile(spec)
		if len(errs) > 0 {
			return nil, fmt.Errorf("platform: %s: %s", errs[0].Path, errs[0].Message)
		}
		registry, err := fn.NewRegistry(spec, policy)
		if err != nil {
			return nil, err
		}
		s := &asked{Source: artifact.Once(registry), registry: registry}
		sources[string(raw)] = s
		return s, nil
	}
}

// asked is a Source that can tell what a tag names, too.
type asked struct {
	artifact.Source
	registry *artifact.Registry
	tags     sync.Map // of func() (artifact.Digest, error), by reference
}

// Resolve asks for each reference once.
func (a *asked) Resolve(ctx context.Context, ref artifact.Reference) (artifact.Digest, error) {
	answer, _ := a.tags.LoadOrStore(ref.String(), sync.OnceValues(func() (artifact.Digest, error) {
		return a.registry.Resolve(ctx, ref)
	}))
	return answer.(func() (artifact.Digest, error))()
}
