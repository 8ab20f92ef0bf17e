package artifact

import "strings"

// Scheme is the part of a model URI before "://".
type Scheme string

const (
	// OCI is KServe's scheme for a runnable image with the model in /models.
	OCI Scheme = "oci"
	// Kit is the scheme of ModelKits, unpacked by KitOps' initializer.
	Kit Scheme = "kit"
	// HuggingFace is a model hub's repository, pinned by commit.
	HuggingFace Scheme = "hf"
	// S3 is a bucket. As the schemes below, it has neither digests nor signatures.
	S3 Scheme = "s3"
	// GS is Google Cloud Storage.
	GS Scheme = "gs"
	// HTTPS is a file on a server.
	HTTPS Scheme = "https"
	// PVC is a PersistentVolumeClaim.
	PVC Scheme = "pvc"

	// anyOCI: the URI has no scheme, and what the artifact is decides.
	anyOCI Scheme = ""
)

func (s Scheme) isOCI() bool { return s == OCI || s == Kit || s == anyOCI }

func schemeList() string {
	var out []string
	for _, s := range []Scheme{OCI, Kit, HuggingFace, S3, GS, HTTPS, PVC} {
		out = append(out, string(s)+"://")
	}
	return strings.Join(out, ", ")
}
