package artifact

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"path"
	"strings"
)

// SignatureFile is the name under which a signature of OpenSSF Model Signing lies
// among the files that it signs.
const SignatureFile = "model.sig"

// maxSignatureArchive is for the one file of an archive and what tar writes
// around it: a small layer may unpack to anything.
const maxSignatureArchive = maxEvidence + 64<<10

// signatureLayer is the layer that holds a model signature, if one says so and
// is small enough to be one.
func (a Artifact) signatureLayer() (descriptor, bool) {
	m, err := parseManifest(a.content.manifest)
	if err != nil {
		return descriptor{}, false
	}
	for _, l := range m.Layers {
		if l.Annotations[a.pathAnnotation()] == SignatureFile && l.Size <= maxEvidence {
			return l, true
		}
	}
	return descriptor{}, false
}

// modelSignature is the signature in the artifact's own list of layers; it is
// asked for only where there is such a layer.
func (r *Registry) modelSignature(ctx context.Context, a Artifact, left *budget) ([]Evidence, error) {
	layer, ok := a.signatureLayer()
	if !ok {
		return nil, nil
	}
	blob, err := r.client.Blob(ctx, a.Repository(), layer.Digest, maxEvidence)
	if err != nil {
		return nil, err
	}
	data := a.unpackSignature(layer, blob)
	if err := left.spend(data); err != nil {
		return nil, err
	}
	return bundleOf(data), nil
}

// bundleOf is the evidence in a file of which nothing says what it is but its
// bytes; none when they are no bundle.
func bundleOf(data []byte) []Evidence {
	var b struct {
		MediaType string `json:"mediaType"`
	}
	if json.Unmarshal(data, &b) != nil {
		return nil
	}
	if e := (Evidence{MediaType: b.MediaType, Data: data}); e.IsBundle() && e.checkForm() == nil {
		return []Evidence{e}
	}
	return nil
}

// unpackSignature is the file in the layer: the layer itself, or an archive's
// only file; nil when it is neither.
func (a Artifact) unpackSignature(layer descriptor, blob []byte) []byte {
	switch {
	case a.raw(layer):
		return blob
	case strings.HasSuffix(layer.MediaType, ".tar"):
		return onlyFile(bytes.NewReader(blob))
	case strings.HasSuffix(layer.MediaType, ".tar+gzip"):
		unzipped, err := gzip.NewReader(bytes.NewReader(blob))
		if err != nil {
			return nil
		}
		return onlyFile(unzipped)
	}
	return nil
}

// onlyFile is the content of SignatureFile in an archive that holds nothing else.
func onlyFile(archive io.Reader) []byte {
	t := tar.NewReader(io.LimitReader(archive, maxSignatureArchive))
	h, err := t.Next()
	// A sparse file's size is not bounded by the archive's.
	if err != nil || h.Typeflag != tar.TypeReg || path.Clean(h.Name) != SignatureFile || h.Size > maxEvidence {
		return nil
	}
	data, err := io.ReadAll(t)
	if err != nil {
		return nil
	}
	if _, err := t.Next(); err != io.EOF {
		return nil
	}
	return data
}
