package artifact

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Storage outside registries and hubs. A hash in such a path proves nothing:
// nobody compares it with what is served.

var (
	// bucketPattern is S3's and Cloud Storage's rule for bucket names.
	bucketPattern = pattern.New(`^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$`)
	claimPattern  = pattern.New(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	// segmentPattern leaves out what another program could read otherwise:
	// percent encoding, queries (which may hold credentials) and spaces.
	segmentPattern = pattern.New(`^[A-Za-z0-9._=@+,-]+$`)
)

// parseStorage reads bucket/key, host/path or claim/path. A path may end in one
// slash.
func (r *Reference) parseStorage(rest string) error {
	root, path, _ := strings.Cut(rest, "/")
	switch {
	case r.scheme == HTTPS:
		if err := checkHost(root); err != nil {
			return err
		}
	case r.scheme == PVC:
		if !claimPattern.MatchString(root) {
			return fmt.Errorf("%q is no name of a PersistentVolumeClaim", root)
		}
	case !bucketPattern.MatchString(root) || strings.Contains(root, ".."):
		return fmt.Errorf("%q is no bucket name", root)
	}
	path = strings.TrimSuffix(path, "/")
	if path == "" && r.scheme != PVC {
		return fmt.Errorf("no path: name the model, %s/PATH", strings.TrimSuffix(r.uri, "/"))
	}
	if path != "" {
		if err := checkPath(path); err != nil {
			return err
		}
	}
	if r.scheme == HTTPS && (strings.Contains(path, ".git") || strings.Contains(path, ".core.windows.net")) {
		// KServe clones what looks like a repository, and takes another way, with
		// other credentials, for what looks like Azure's host.
		return fmt.Errorf("%q looks like a Git repository or Azure storage to KServe: name a file", path)
	}
	// Rules match it without the last slash, or one that refuses it would not.
	r.location = strings.TrimSuffix(r.uri, "/")
	return nil
}

func checkPath(path string) error {
	for segment := range strings.SplitSeq(path, "/") {
		if !segmentPattern.MatchString(segment) || segment == "." || segment == ".." {
			return fmt.Errorf("%q is no segment of a path: use letters, digits and . _ = @ + , -", segment)
		}
	}
	return nil
}
