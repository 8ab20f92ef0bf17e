//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package lock

import (
	"errors"
	"os"
	"slices"
	"syscall"
)

// unsupported is what systems say that do not know what was asked for. NFS, for one,
// locks no directory.
var unsupported = []error{syscall.EBADF, syscall.ENOTSUP, syscall.EOPNOTSUPP, syscall.ENOSYS, syscall.ENOLCK, syscall.EINVAL}

func isUnsupported(err error) bool {
	return slices.ContainsFunc(unsupported, func(u error) bool { return errors.Is(err, u) })
}

// tryHold locks the open directory itself: a file beside the lock would have to
// be ignored by Git, and removed at the right moment.
func tryHold(dir *os.File) error {
	if err := flock(dir); err != nil && !isUnsupported(err) {
		return err
	}
	return nil
}

// flock locks an open file until it is closed, or its process has ended.
func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errHeld
		}
		return err
	}
}

// syncDirectory has the names in a directory on disk.
func syncDirectory(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !isUnsupported(err) {
		return err
	}
	return nil
}
