package peer

import "os"

// Modelfn builds the program under test from this repository, as it is released, and
// returns its path. Go's own cache makes the second build of the same sources quick.
func Modelfn() (string, error) {
	return builds.do("modelfn", buildModelfn)
}

func buildModelfn() (string, error) {
	return fromCheckout("modelfn", func(path string) error {
		// go build writes in place; a test binary beside this one may be running it.
		fresh := path + ".new"
		if err := inCheckout([]string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-tags", "grpcnotrace", "-ldflags", "-s -w", "-o", fresh, "."); err != nil {
			return err
		}
		return os.Rename(fresh, path)
	})
}
