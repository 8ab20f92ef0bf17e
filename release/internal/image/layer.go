package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Binary is where modelfn is in the image.
const Binary = "/usr/local/bin/modelfn"

// nobody is User as a number, and in /etc/passwd by name: kustomize and kpt run
// functions with --user nobody, which is looked up there.
const (
	nobody = "65534:65534"
	passwd = "nobody:x:" + nobody + ":nobody:/nonexistent:/none\n"
)

// file is an entry of the layer; all belong to root.
type file struct {
	name    string // with a slash at the end, a directory
	mode    int64
	content []byte
}

// layer has everything that is in the image. The order, owners, modes and times
// are written here; nothing is read from a file system but the binary's bytes.
func layer(binary []byte, at time.Time) (v1.Layer, error) {
	packed, err := pack([]file{
		{"etc/", 0o755, nil},
		{"etc/passwd", 0o644, []byte(passwd)},
		{"tmp/", 0o1777, nil}, // builds of kustomizations need a writable directory
		{"usr/", 0o755, nil},
		{"usr/local/", 0o755, nil},
		{"usr/local/bin/", 0o755, nil},
		{Binary[1:], 0o755, binary},
	}, at)
	if err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(packed)), nil
	}, tarball.WithMediaType(types.OCILayer))
}

// pack is a compressed tar archive.
func pack(files []file, at time.Time) ([]byte, error) {
	var packed bytes.Buffer
	zipper, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	archive := tar.NewWriter(zipper)
	for _, f := range files {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: at, Format: tar.FormatUSTAR}
		if f.content == nil {
			header.Typeflag = tar.TypeDir
		}
		if err := archive.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := archive.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	if err := zipper.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
