package host

import (
	"context"
	"errors"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/modelfn/modelfn/internal/finding"
)

// assembled looks at the configurations of plugins as kustomize assembles them from
// directories: a patch there may make an exec function of what is none in any file,
// and kustomize skips that in silence. The error is that time or memory ran out. It
// needs a confined process, since kustomize runs, if only with its own plugins.
func assembled(ctx context.Context, fs guardedFS, dirs []string, skipExec bool) (finding.List, error) {
	s := survey{fs: fs, skipExec: skipExec}
	for _, dir := range dirs {
		m, err := runKustomize(ctx, fs, dir, types.DisabledPluginConfig())
		if ctx.Err() != nil {
			return nil, context.Cause(ctx) // whatever it came to: nothing may run unseen
		}
		if errors.Is(err, errMemory) {
			return nil, err
		}
		var raw []byte
		if err == nil {
			raw, err = m.AsYaml()
		}
		switch {
		case err == nil:
			s.functions(dir, raw)
		case types.IsErrOnlyBuiltinPluginsAllowed(err):
			s.refuse("function", dir, "plugins make what plugins are to run, which cannot be told before they do", "write the configurations of generators and transformers as they are")
		default:
			s.refuse("kustomize", dir, err.Error(), "correct the kustomization")
		}
	}
	return s.findings, nil
}
