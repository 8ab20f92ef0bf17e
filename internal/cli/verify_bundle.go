package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/trust"
)

// maxBundleInput bounds each file that verify-bundle reads whole.
const maxBundleInput = 4 << 20

// bundleRun is one run of `modelfn verify-bundle`.
type bundleRun struct {
	common
	bundle, key, trustedRoot string
	identity, issuer         string
	staging                  bool
}

// newVerifyBundle is what Sigstore's conformance tests call.
func newVerifyBundle(p Process) *cobra.Command {
	r := bundleRun{common: common{p: p}}
	cmd := &cobra.Command{
		Use:   "verify-bundle --bundle FILE (--certificate-identity ID --certificate-oidc-issuer URL | --key FILE) FILE|sha256:HEX",
		Short: "Verify one Sigstore bundle about a file, without a registry",
		Long: `Verify that a Sigstore bundle is about a file, or about a file with this digest,
and was signed by this identity or key: exit 0, else 1. It is the command that
Sigstore's conformance tests call, and verifies as models are verified, except
that any statement will do, and a signature over the bare file. Nothing is
fetched.

Without --trusted-root an identity is verified against the public-good instance's,
which is built in, and a key without looking for a transparency log; with it, a
key's signature must be in one of its logs.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return r.run(args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&r.bundle, "bundle", "", "`file` with the bundle")
	flags.StringVar(&r.identity, "certificate-identity", "", "the certificate's subject alternative name")
	flags.StringVar(&r.issuer, "certificate-oidc-issuer", "", "the certificate's OIDC issuer")
	flags.StringVar(&r.key, "key", "", "`file` with the public key, PEM")
	flags.StringVar(&r.trustedRoot, "trusted-root", "", "`file` with a trusted_root.json")
	flags.BoolVar(&r.staging, "staging", false, "by the staging instance, whose root is not built in: needs --trusted-root")
	cmd.MarkFlagsOneRequired("key", "certificate-identity")
	cmd.MarkFlagsMutuallyExclusive("key", "certificate-identity")
	cmd.MarkFlagsMutuallyExclusive("key", "certificate-oidc-issuer")
	if err := cmd.MarkFlagRequired("bundle"); err != nil {
		panic(err) // the flag is there
	}
	return cmd
}

func (r *bundleRun) run(about string) error {
	if r.staging && r.trustedRoot == "" {
		return errors.New("the staging instance's trusted root is not built in: give it with --trusted-root")
	}
	if r.identity != "" && r.issuer == "" {
		return errors.New("--certificate-identity needs --certificate-oidc-issuer")
	}
	data, err := readWhole(r.bundle)
	if err != nil {
		return err
	}
	by, err := r.authority()
	if err != nil {
		return err
	}
	file := trust.File{}
	if file.Digest, err = artifact.ParseDigest(about); err != nil {
		content, err := os.Open(about)
		if err != nil {
			return err
		}
		defer content.Close()
		file.Content = content
	}
	if err := trust.VerifyFile(data, file, by); err != nil {
		return r.report(finding.List{{
			Rule: "untrusted-bundle", Severity: finding.Error,
			Message: fmt.Sprintf("%s: %v", r.bundle, err), Fix: "have the file signed by who is trusted, and name that identity or key",
		}})
	}
	return nil
}

// authority is who must have signed.
func (r *bundleRun) authority() (v1alpha1.Authority, error) {
	a := v1alpha1.Authority{Name: "signer"}
	if r.trustedRoot != "" {
		root, err := readWhole(r.trustedRoot)
		if err != nil {
			return a, err
		}
		a.TrustedRoot, a.Tlog = string(root), v1alpha1.TlogRequired
	}
	if r.key == "" {
		a.Keyless = &v1alpha1.Keyless{Issuer: r.issuer, Subject: r.identity}
		return a, nil
	}
	key, err := readWhole(r.key)
	a.Key = &v1alpha1.Key{PEM: string(key)}
	return a, err
}

// readWhole reads a file that fits.
func readWhole(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxBundleInput+1))
	if err == nil && len(raw) > maxBundleInput {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxBundleInput)
	}
	return raw, err
}
