package trust

import (
	"encoding/json"
	"sync"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// Compiler compiles each policy once, for a run over many directories, and lets its
// rules remember what they heard: whoever asks a registry for evidence until there is
// enough verifies it, and so does whoever pins. The nil Compiler remembers nothing.
type Compiler struct {
	mu       sync.Mutex
	compiled map[string]compiled
}

type compiled struct {
	policy Policy
	errs   []v1alpha1.FieldError
}

// Compile is the function of that name.
func (c *Compiler) Compile(spec v1alpha1.ModelPlatformSpec) (Policy, []v1alpha1.FieldError) {
	if c == nil {
		return Compile(spec)
	}
	raw, err := json.Marshal(spec.Trust)
	if err != nil {
		return Compile(spec) // numbers that JSON has not: Decode lets none through
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.compiled[string(raw)]
	if !ok {
		known.policy, known.errs = Compile(spec)
		for _, r := range known.policy.rules {
			r.heard = new(sync.Map)
		}
		if c.compiled == nil {
			c.compiled = map[string]compiled{}
		}
		c.compiled[string(raw)] = known
	}
	return known.policy, known.errs
}

// subject is a piece of evidence about an artifact: by the bytes of both, since a
// verdict follows from nothing else.
type subject struct {
	identity, mediaType string
	evidence            artifact.Digest
}

// answer is what came of hearing it.
type answer struct {
	testimony
	err error
}

// hear verifies one piece of evidence, or remembers what came of that; the error says
// why it is none.
func (r *Rule) hear(a artifact.Artifact, index int, e artifact.Evidence) (testimony, error) {
	if r.heard == nil {
		return r.examine(a, index, e)
	}
	about := subject{a.Identity(), e.MediaType, e.Digest()}
	if known, ok := r.heard.Load(about); ok {
		t := known.(answer).testimony
		t.index = index
		return t, known.(answer).err
	}
	t, err := r.examine(a, index, e)
	r.heard.Store(about, answer{t, err})
	return t, err
}
