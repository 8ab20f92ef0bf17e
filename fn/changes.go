package fn

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/lock"
)

// Change is one entry of a lock that is not as it was.
type Change struct {
	// Deployment is namespace/name, or name.
	Deployment string
	// From and To are the entry before and after; nil where there is none.
	From, To *v1alpha1.LockedModel
	// Note says by whom it is signed, and what was not fetched.
	Note string
	// Named: the deployment's entries are of several repositories, so that a tag
	// alone does not tell which one this is.
	Named bool
}

// String is the change on one line: fraud  v7 -> v8  sha256:12ab34cd56ef -> 34cd56ef78ab.
func (c Change) String() string {
	switch {
	case c.To == nil && c.Note != "":
		return fmt.Sprintf("%s  %s  %s  %s", c.Deployment, c.version(c.From), short(c.From), c.Note)
	case c.To == nil:
		return fmt.Sprintf("%s  %s removed  %s", c.Deployment, c.version(c.From), short(c.From))
	case c.From == nil:
		return c.noted(fmt.Sprintf("%s  %s  %s", c.Deployment, c.version(c.To), short(c.To)))
	case c.From.Digest == c.To.Digest && c.From.URI == c.To.URI:
		return c.noted(fmt.Sprintf("%s  %s  %s  evidence renewed", c.Deployment, c.version(c.To), short(c.To)))
	}
	tag, digest := c.version(c.To), short(c.To)
	if c.From.URI != c.To.URI {
		tag = c.version(c.From) + " -> " + tag
	}
	if c.From.Digest != c.To.Digest {
		digest = short(c.From) + " -> " + strings.TrimPrefix(digest, "sha256:")
	}
	return c.noted(fmt.Sprintf("%s  %s  %s", c.Deployment, tag, digest))
}

func (c Change) noted(line string) string {
	if c.Note == "" {
		return line
	}
	return line + "  " + c.Note
}

// shortDigest is how many of a digest's digits tell two apart for a reader.
const shortDigest = 12

func short(e *v1alpha1.LockedModel) string {
	algorithm, hex, ok := strings.Cut(e.Digest, ":")
	if !ok || len(hex) < shortDigest {
		return e.Digest
	}
	return algorithm + ":" + hex[:shortDigest]
}

// version is the tag of an entry's URI, or where there is none its repository:
// the digest stands beside it anyway.
func (c Change) version(e *v1alpha1.LockedModel) string {
	ref, err := artifact.ParseReference(e.URI)
	switch {
	case err != nil:
		return e.URI
	case c.Named && ref.Tag() != "":
		return path.Base(ref.Location()) + ":" + ref.Tag()
	}
	return cmp.Or(ref.Tag(), ref.Location())
}

// several tells whether entries, by URI, are of more than one repository.
func several(lists ...map[string]*v1alpha1.LockedModel) bool {
	places := map[string]bool{}
	for _, list := range lists {
		for uri := range list {
			if ref, err := artifact.ParseReference(uri); err == nil {
				places[ref.Location()] = true
			}
		}
	}
	return len(places) > 1
}

// changes compares a directory's lock with what it should hold, by deployment. A
// URI that is new and one of the same repository that is gone are one change.
func changes(before, after []*v1alpha1.ModelLock, settled []Pinned) []Change {
	notes := notes(settled)
	old, now := byDeployment(before), byDeployment(after)
	var out []Change
	for _, name := range union(old, now) {
		named := several(old[name], now[name])
		gone := map[string]*v1alpha1.LockedModel{}
		for uri, e := range old[name] {
			if now[name][uri] == nil {
				gone[uri] = e
			}
		}
		for _, uri := range sortedURIs(now[name]) {
			to, from := now[name][uri], old[name][uri]
			if from == nil {
				from = takeSibling(gone, uri)
			}
			if from != nil && artifact.SameEntry(*from, *to) {
				continue
			}
			out = append(out, Change{name, from, to, notes[uri], named})
		}
		for _, uri := range sortedURIs(gone) {
			out = append(out, Change{name, gone[uri], nil, "", named})
		}
	}
	return out
}

// takeSibling is the entry of another version in the same repository.
func takeSibling(gone map[string]*v1alpha1.LockedModel, uri string) *v1alpha1.LockedModel {
	ref, err := artifact.ParseReference(uri)
	if err != nil {
		return nil
	}
	for _, other := range sortedURIs(gone) {
		if o, err := artifact.ParseReference(other); err == nil && o.Location() == ref.Location() {
			e := gone[other]
			delete(gone, other)
			return e
		}
	}
	return nil
}

func byDeployment(locks []*v1alpha1.ModelLock) map[string]map[string]*v1alpha1.LockedModel {
	out := map[string]map[string]*v1alpha1.LockedModel{}
	for _, l := range locks {
		name := strings.TrimPrefix(l.Metadata.Namespace+"/"+lock.Deployment(l.Metadata.Name), "/")
		if out[name] == nil {
			out[name] = map[string]*v1alpha1.LockedModel{}
		}
		for i := range l.Spec.Models {
			out[name][l.Spec.Models[i].URI] = &l.Spec.Models[i]
		}
	}
	return out
}

func union[V any](a, b map[string]V) []string {
	var out []string
	for k := range a {
		out = append(out, k)
	}
	for k := range b {
		out = append(out, k)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func sortedURIs(m map[string]*v1alpha1.LockedModel) []string { return union(m, nil) }

// notes say, by URI, who signed and what was not needed.
func notes(settled []Pinned) map[string]string {
	out := map[string]string{}
	for _, r := range settled {
		for _, p := range append([]Pinned{r}, r.Nested...) {
			out[p.Pinned.Reference().String()] = p.note()
		}
	}
	return out
}

func (r Pinned) note() string {
	if r.Verdict.Unsigned() {
		return "unsigned"
	}
	note := "signed by " + r.Verdict.AuthorityNames()
	for _, a := range r.Verdict.Attestations() {
		note += fmt.Sprintf("; %s attested %s", a.Signer.Authority.Name, a.PredicateType)
	}
	if n := len(r.Pinned.Evidence) - len(r.Verdict.Counted()); n > 0 {
		note += fmt.Sprintf("; left out what the policy does not need: %d", n)
	}
	return note
}

// skipped names what was not asked for, each place once.
func skipped(settled []Pinned) []string {
	var out []string
	for _, r := range settled {
		for _, p := range append([]Pinned{r}, r.Nested...) {
			out = append(out, p.Pinned.Skipped...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
