package e2e_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestScheme: whatever scheme the model team writes, what is rendered has the one
// that fits the artifact; a misfit is said.
func TestScheme(t *testing.T) {
	server, err := registry.Start(registry.WithoutReferrers())
	w := newWorld(t, server, err)
	for kind, schemes := range map[publish.Kind]struct{ fits, misfits, reason string }{
		publish.KindModelKit:  {"kit://", "oci://", "is of kind ModelKit: KServe starts oci:// as a container, which it is not; fix: write kit://"},
		publish.KindModelPack: {"kit://", "oci://", "is of kind ModelPack: KServe starts oci:// as a container, which it is not; fix: write kit://"},
		publish.KindImage:     {"oci://", "kit://", "is of kind Image: kit:// is unpacked by KitOps, which unpacks kits only; fix: write oci://"},
		publish.KindIndex:     {"oci://", "kit://", "is of kind Index: kit:// is unpacked by KitOps, which unpacks kits only; fix: write oci://"},
	} {
		artifact, err := w.publisher.Sample(t.Context(), kind, "models/fraud")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.publisher.SignBundle(t.Context(), w.key, artifact.Digest); err != nil {
			t.Fatal(err)
		}
		for _, written := range []string{schemes.fits, schemes.misfits, ""} {
			t.Run(string(kind)+" as "+written, func(t *testing.T) {
				deployment := spec{"model": w.uri(written, "models/fraud:"+string(kind)), "format": map[string]any{"name": "sklearn"}}
				dir := directory(t, w.platform(t), map[string]spec{"fraud": deployment})
				w.lock(t, dir)
				build := w.run(t, dir, "build")
				if want := "storageUri: " + schemes.fits + artifact.Digest.String() + "\n"; !strings.Contains(stdout(t, build), want) {
					t.Errorf("no %s in:\n%s", want, build.Stdout)
				}
				const rule = "warning: scheme: ModelDeployment ml-serving/fraud (fraud.yaml) spec.model: "
				if written == schemes.misfits {
					if !strings.Contains(build.Stderr, rule) || !strings.Contains(build.Stderr, schemes.reason) {
						t.Errorf("the user does not read %q:\n%s", schemes.reason, build.Stderr)
					}
				} else if build.Stderr != "" {
					t.Errorf("a warning of what is right:\n%s", build.Stderr)
				}
			})
		}
	}
}
