package watch

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// network are the calls that strace counts as %network.
var network = []string{
	"accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recv", "recvfrom",
	"recvmmsg", "recvmsg", "send", "sendfile", "sendfile64", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
	"socket", "socketcall", "socketpair",
}

// pathArgument is a path, and the directory that it starts from where the call
// names one: AT_FDCWD</from>, "path" or 5</from>, "path".
var pathArgument = regexp.MustCompile(`(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?("(?:[^"\\]|\\.)*")`)

// opened is the result of a call that opened a file.
var opened = regexp.MustCompile(`\) += \d+<([^>]*)>$`)

// paths is how many arguments of a call are paths; of others it is one.
var paths = map[string]int{"renameat": 2, "renameat2": 2, "linkat": 2, "getcwd": 0}

// accesses are the paths in a call. Those without a directory are from the root:
// the calls that programs of Go make name theirs.
func accesses(tb testing.TB, call, arguments, root string) []Access {
	tb.Helper()
	found := pathArgument.FindAllStringSubmatch(arguments, -1)
	switch n, listed := paths[call]; {
	case call == "symlinkat" && len(found) == 2:
		found = found[1:] // the first is what the link says, which nobody looks for
	case !listed:
		found = found[:min(len(found), 1)]
	default:
		found = found[:min(len(found), n)]
	}
	var out []Access
	for _, f := range found {
		path, err := strconv.Unquote(f[2])
		if err != nil {
			tb.Fatalf("strace printed %s(%s: %v", call, arguments, err)
		}
		if path == "" && strings.Contains(arguments, "AT_EMPTY_PATH") {
			continue // about a file that is open already
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(inside(f[1], root), path)
		}
		access := Access{Call: call, Path: filepath.Clean(path)}
		if result := opened.FindStringSubmatch(arguments); result != nil {
			access.Opened = inside(result[1], root)
		}
		out = append(out, access)
	}
	return out
}

// inside is a path as the program sees it.
func inside(path, root string) string {
	if root == "/" {
		return path
	}
	return filepath.Join("/", strings.TrimPrefix(path, root))
}

// Opened are the files that were opened, each once, sorted.
func (s Seen) Opened() []string {
	var out []string
	for _, a := range s.Files {
		if a.Opened != "" {
			out = append(out, a.Opened)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
