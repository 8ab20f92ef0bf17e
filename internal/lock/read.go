package lock

import (
	"errors"
	"fmt"
	"os"
)

// maxFile bounds one file of a repository.
const maxFile = 16 << 20

// ErrNoFile tells that it is a directory, a link, a pipe or a device.
var ErrNoFile = errors.New("is no regular file")

// Read reads a file that modelfn is going to replace; a missing one is empty. A
// link is refused: what it leads to would end up in the repository.
func Read(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s %w", path, ErrNoFile)
	}
	return ReadBounded(path)
}

// ReadBounded reads a regular file of at most 16 MiB, also through a link.
func ReadBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s %w", path, ErrNoFile)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s has %d bytes, at most %d are read", path, info.Size(), maxFile)
	}
	return os.ReadFile(path)
}
