package trust

import (
	"encoding/hex"
	"fmt"
	"io"

	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// File is what a bundle outside of any registry is about: the content, or where
// that is nil, its digest alone.
type File struct {
	Content io.Reader
	Digest  artifact.Digest
}

// VerifyFile verifies one Sigstore bundle about a file, as the conformance tests
// of Sigstore ask for it, by the path that evidence in locks goes: signed by the
// authority, and about this file. Unlike evidence about a model, it may be any
// statement, and a signature over the bare file.
func VerifyFile(data []byte, about File, by v1alpha1.Authority) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = unreadable(p)
		}
	}()
	authority, _, err := compileAuthority(by, rootCache{})
	if err != nil {
		return err
	}
	b, err := parseBundle(data)
	if err != nil {
		return err
	}
	option := verify.WithArtifact(about.Content)
	if about.Content == nil {
		// Ed25519 would take the digest for the message.
		if authority.key != nil && authority.key.whole && b.GetMessageSignature() != nil {
			return fmt.Errorf("an Ed25519 signature over a file needs the file, not its digest")
		}
		raw, err := hex.DecodeString(about.Digest.Hex())
		if err != nil {
			return err
		}
		option = verify.WithArtifactDigest("sha256", raw)
	}
	return ask([]Authority{authority}, nil, sealed{
		bundle: b,
		about:  func() verify.ArtifactPolicyOption { return option },
		read:   func(*verify.VerificationResult) (statement, error) { return statement{}, nil },
	})[0].err
}
