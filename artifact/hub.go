package artifact

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

const (
	// hubHost is where hf:// models are; a mirror of it is another hub.
	hubHost = "huggingface.co"
	// maxHubAnswer: the answer lists every file of the repository.
	maxHubAnswer = 8 << 20
)

var (
	// hubName is the hub's rule for owners and models.
	hubName       = pattern.New(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,94}[A-Za-z0-9])?$`)
	commitPattern = pattern.New(`^[0-9a-f]{40}$`)
	branchPattern = pattern.New(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
)

// parseHub reads owner/model:REVISION, KServe's form. Without a revision it
// would be the branch main as it is that day.
func (r *Reference) parseHub(rest string) error {
	path, revision, _ := strings.Cut(rest, ":")
	owner, model, ok := strings.Cut(path, "/")
	switch {
	case !ok || !hubName.MatchString(owner) || !hubName.MatchString(model) || strings.Contains(path, ".."):
		return fmt.Errorf("%q is no OWNER/MODEL of the hub", path)
	case revision == "":
		revision = "main"
	case !branchPattern.MatchString(revision):
		return fmt.Errorf("%q is no revision", revision)
	}
	r.location = string(HuggingFace) + "://" + path
	r.revision = revision
	return nil
}

// commit tells whether the revision is a commit, which never moves.
func (r Reference) commit() bool { return commitPattern.MatchString(r.revision) }

// Hub is the Source that asks the model hub which commit a branch or tag names.
// Other references are Stated's.
type Hub struct {
	// Pages asks the hub's API: a Registry does.
	Pages *Registry
}

var _ Source = Hub{}

// Pin resolves the revision once; what is rendered names the commit.
func (h Hub) Pin(ctx context.Context, ref Reference) (Pinned, error) {
	if ref.scheme != HuggingFace || ref.commit() {
		return Stated{}.Pin(ctx, ref)
	}
	repository := strings.TrimPrefix(ref.location, string(HuggingFace)+"://")
	// https://huggingface.co/docs/hub/api
	raw, err := h.Pages.client.Page(ctx, hubHost, "/api/models/"+repository+"/revision/"+ref.revision, maxHubAnswer)
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	}
	var said struct {
		SHA string `json:"sha"`
	}
	if err := json.Unmarshal(raw, &said); err != nil || !commitPattern.MatchString(said.SHA) {
		return Pinned{}, fmt.Errorf("%s: %w: %s names no commit", ref, ErrUnavailable, hubHost)
	}
	return Pinned{Artifact: Artifact{reference: ref, kind: HubModel, revision: said.SHA}}, nil
}
