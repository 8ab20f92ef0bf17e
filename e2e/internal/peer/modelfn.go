package peer

import "os"

// Modelfn builds the program under test from this repository and returns its
// path. Go's own cache makes the second build of the same sources quick.
func Modelfn() (string, error) {
	return builds.do("modelfn", buildModelfn)
}

// Released builds it as it is released, without what only a debugger reads.
func Released() (string, error) {
	return builds.do("modelfn-released", func() (string, error) { return buildAs("modelfn-released", "-ldflags=-s -w") })
}

func buildModelfn() (string, error) { return buildAs("modelfn") }

func buildAs(name string, flags ...string) (string, error) {
	return fromCheckout(name, func(path string) error {
		// go build writes in place; a test binary beside this one may be running it.
		fresh := path + ".new"
		command := append([]string{"go", "build", "-trimpath"}, flags...)
		if err := inCheckout([]string{"CGO_ENABLED=0"}, append(command, "-o", fresh, ".")...); err != nil {
			return err
		}
		return os.Rename(fresh, path)
	})
}
