package artifact

import (
	"encoding/json"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// Lock is the pinned artifact as an entry of a lock, keeping the evidence
// listed by index.
func (p Pinned) Lock(keep []int) v1alpha1.LockedModel {
	entry := p.entry()
	for _, i := range keep {
		entry.Evidence = append(entry.Evidence, p.Evidence[i].Lock())
	}
	return entry
}

// Sum names what such an entry says. Compressors differ, so the evidence is in it
// by the digest of its own bytes, not as a lock holds it.
func (p Pinned) Sum(keep []int) Digest {
	entry := p.entry()
	for _, i := range keep {
		e := p.Evidence[i]
		entry.Evidence = append(entry.Evidence, v1alpha1.LockedEvidence{MediaType: e.MediaType, Digest: string(e.Digest())})
	}
	raw, err := json.Marshal(entry)
	if err != nil {
		panic(err) // strings, numbers and bytes always marshal
	}
	return DigestOf(raw)
}

// entry is the artifact as an entry, without evidence.
func (p Pinned) entry() v1alpha1.LockedModel {
	m := p.metadata
	entry := v1alpha1.LockedModel{
		URI: p.reference.uri, Digest: string(p.digest), Size: p.size, Kind: string(p.kind),
		Name: m.Name, Version: m.Version, Format: m.Format, Architecture: m.Architecture, Parameters: m.Parameters, License: m.License,
		Manifest: p.content.manifest, Config: p.content.config,
	}
	for _, f := range m.Files {
		entry.Files = append(entry.Files, v1alpha1.LockedFile(f))
	}
	for _, r := range p.references {
		entry.References = append(entry.References, r.uri)
	}
	for i, c := range p.content.platforms {
		entry.Platforms = append(entry.Platforms, v1alpha1.LockedPlatform{
			Platform: p.platforms[i], Digest: string(DigestOf(c.manifest)), Manifest: c.manifest, Config: c.config,
		})
	}
	return entry
}

// SameEntry tells whether two entries say the same, however their evidence is
// packed.
func SameEntry(a, b v1alpha1.LockedModel) bool {
	if !slices.EqualFunc(a.Evidence, b.Evidence, samePiece) {
		return false
	}
	return firstDifference(a, b) == ""
}

// contentOf are the raw bytes of an entry.
func contentOf(e v1alpha1.LockedModel) content {
	c := content{manifest: e.Manifest, config: e.Config}
	for _, p := range e.Platforms {
		c.platforms = append(c.platforms, content{manifest: p.Manifest, config: p.Config})
	}
	return c
}
