package trust

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/modelfn/modelfn/artifact"
)

// signedFiles is the predicate of a model signature. Its other fields say how
// the signer walked the files, which changes nothing about those listed.
type signedFiles struct {
	Serialization struct {
		Method   string `json:"method"`
		HashType string `json:"hash_type"`
	} `json:"serialization"`
	Resources []struct {
		Name      string `json:"name"`
		Algorithm string `json:"algorithm"`
		Digest    string `json:"digest"`
	} `json:"resources"`
}

// root is the digest that the statement's subject must have: the files' digests,
// hashed one after the other.
func (s signedFiles) root() ([]byte, error) {
	h := sha256.New()
	for _, r := range s.Resources {
		raw, err := hex.DecodeString(r.Digest)
		if err != nil {
			return nil, fmt.Errorf("file %q: digest: %w", r.Name, err)
		}
		h.Write(raw)
	}
	return h.Sum(nil), nil
}

func rootDigest(root []byte) artifact.Digest {
	return artifact.Digest("sha256:" + hex.EncodeToString(root))
}

// cover tells whether these are all the files of the artifact and no others, by
// their paths and digests. own is the digest of the signature itself, which may
// lie among them.
func (s signedFiles) cover(a artifact.Artifact, own artifact.Digest) error {
	signed, err := s.byPath()
	if err != nil {
		return err
	}
	// The signature says nothing about the config, so anybody could have written
	// into it what else is loaded.
	if others := a.References(); len(others) > 0 {
		return fmt.Errorf("it signs files only, and the artifact's config adds those of another artifact, %s", others[0])
	}
	stored, err := storedFiles(a, own)
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(signed)) {
		switch digest, ok := stored[path]; {
		case !ok:
			return fmt.Errorf("it signs %q, which the artifact does not hold", path)
		case digest != signed[path]:
			return fmt.Errorf("it signs other content of %q, %s", path, signed[path])
		}
	}
	for _, path := range slices.Sorted(maps.Keys(stored)) {
		if _, ok := signed[path]; !ok {
			return fmt.Errorf("the artifact holds %q, which it does not sign", path)
		}
	}
	return nil
}

// byPath are the digests of the signed files, where these can be compared with
// layers' at all.
func (s signedFiles) byPath() (map[string]string, error) {
	// Of a shard or another hash no layer's digest tells anything.
	if s.Serialization.Method != "files" || s.Serialization.HashType != "sha256" {
		return nil, fmt.Errorf("it signs %s hashes of %s, which cannot be compared with layers: sign whole files with sha256", s.Serialization.HashType, s.Serialization.Method)
	}
	if len(s.Resources) == 0 {
		return nil, fmt.Errorf("it signs no file")
	}
	out := map[string]string{}
	for _, r := range s.Resources {
		_, twice := out[r.Name]
		switch {
		case r.Name == ".":
			return nil, fmt.Errorf("it signs a single file without its name: sign the folder")
		case !fs.ValidPath(r.Name):
			return nil, fmt.Errorf("it signs %q, which is no plain path below the model", r.Name)
		case twice:
			return nil, fmt.Errorf("it signs %q twice", r.Name)
		case r.Algorithm != "sha256":
			return nil, fmt.Errorf("it signs the %s hash of %q, which cannot be compared with a layer's", r.Algorithm, r.Name)
		}
		out[r.Name] = "sha256:" + r.Digest
	}
	return out, nil
}

// storedFiles are the digests of the artifact's files by path, without the
// signature itself.
func storedFiles(a artifact.Artifact, own artifact.Digest) (map[string]string, error) {
	files, err := a.RawFiles()
	if err != nil {
		return nil, fmt.Errorf("that it signs the artifact's files cannot be shown without pulling the weights: %w", err)
	}
	out := map[string]string{}
	for _, f := range files {
		if f.Path == artifact.SignatureFile && f.Digest == string(own) {
			continue
		}
		if _, twice := out[f.Path]; twice || !fs.ValidPath(f.Path) || f.Path == "." {
			return nil, fmt.Errorf("the artifact's layer of %q names no file of its own", f.Path)
		}
		out[f.Path] = f.Digest
	}
	return out, nil
}
