package artifact

import (
	"fmt"
	"strings"
)

// maybeReference is wider than KitOps' own test (a path with ':' or '@' that
// parses as a reference, up to the first comma): what kit may take for a
// reference must not pass here as a file.
func maybeReference(path string) bool { return strings.ContainsAny(path, ":@") }

// references are the kits that `kit unpack` fetches with this one: model.path
// and the datasets' remotePath may name another. A pin of the outer kit does not
// pin an inner kit's tag, which is fetched as it is that day: each must be named
// by digest.
func (k kitfile) references(m manifest) ([]Reference, error) {
	var out []Reference
	follow := func(field, text string) error {
		ref, err := nestedReference(field, text)
		if err == nil {
			out = append(out, ref)
		}
		return err
	}
	if k.Model != nil && maybeReference(k.Model.Path) {
		if err := follow("model.path", k.Model.Path); err != nil {
			return nil, err
		}
	}
	for i, d := range k.DataSets {
		if d.RemotePath == "" {
			continue
		}
		if err := follow(fmt.Sprintf("datasets[%d].remotePath", i), d.RemotePath); err != nil {
			return nil, err
		}
	}
	for _, f := range k.files() {
		if maybeReference(f.path) {
			return nil, fmt.Errorf("%s (%q) reads like a reference to another ModelKit: rename the file", f.name, f.path)
		}
	}
	// Of a ModelPack without a Kitfile kit makes one, model.path from a layer's
	// annotation.
	for i, l := range m.Layers {
		if path := l.Annotations[annotationPath]; maybeReference(path) {
			return nil, fmt.Errorf("layers[%d]: file %q reads like a reference to another ModelKit: rename the file", i, path)
		}
	}
	return out, nil
}

type kitField struct{ name, path string }

// files are the paths that kit never takes for references.
func (k kitfile) files() []kitField {
	var out []kitField
	add := func(field string, parts []kitPart) {
		for i, p := range parts {
			out = append(out, kitField{fmt.Sprintf("%s[%d].path", field, i), p.Path})
		}
	}
	if k.Model != nil {
		add("model.parts", k.Model.Parts)
	}
	for i, d := range k.DataSets {
		out = append(out, kitField{fmt.Sprintf("datasets[%d].path", i), d.Path})
	}
	add("code", k.Code)
	add("docs", k.Docs)
	add("prompts", k.Prompts)
	return out
}

// nestedReference parses what a Kitfile names. The error names what kit would
// make of it.
func nestedReference(field, text string) (Reference, error) {
	ref, err := ParseReference(string(Kit) + "://" + text)
	switch {
	case err != nil:
		return Reference{}, fmt.Errorf("%s (%q) is fetched when the kit is unpacked, and what it holds can change under this digest: pack the data, or name a ModelKit by digest, registry/repository@DIGEST", field, text)
	case !ref.Pinned():
		return Reference{}, fmt.Errorf("%s names another ModelKit by tag (%q): what it holds can change under this digest; pack it by digest, %s@DIGEST", field, text, ref.location)
	}
	// One spelling of one artifact: the tag beside a digest says nothing.
	return ParseReference(string(Kit) + "://" + ref.location + "@" + string(ref.digest))
}
