package trust

import (
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// TestHeardOnce: a piece of evidence is examined once, wherever it stands.
func TestHeardOnce(t *testing.T) {
	var c Compiler
	p, errs := c.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{{Match: []string{"a.example/**"}}}})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	r := p.rules[0]
	first, again := artifact.Evidence{MediaType: "text/plain", Data: []byte("x")}, artifact.Evidence{MediaType: "text/plain", Data: []byte("x")}
	for i, e := range []artifact.Evidence{first, again} {
		if _, err := r.hear(artifact.Artifact{}, i, e); err == nil {
			t.Error("a text is evidence")
		}
	}
	n := 0
	r.heard.Range(func(_, _ any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d pieces of evidence are remembered", n)
	}
}

// TestRootOnce: authorities that name one trusted root share it, parsed once.
func TestRootOnce(t *testing.T) {
	roots := rootCache{}
	a, err := roots.parse("", true)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := roots.parse(publicGood, false); err != nil || a != b {
		t.Errorf("parsed twice: %v", err)
	}
}
