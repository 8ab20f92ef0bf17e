package cli

import "testing"

func TestPlain(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"nothing":     {"spec.trust[0].key: want 2, got 1", "spec.trust[0].key: want 2, got 1"},
		"digest":      {"registry.example.com/m@sha256:00", "registry.example.com/m@sha256:00"},
		"link":        {"[a](b)", "[a]\u200b(b)"},
		"image":       {"![a][b]", "![a]\u200b[b]"},
		"reference":   {"[a]: b", "[a]\u200b: b"},
		"address":     {"HTTPS://a www.b WWW.b", "HTTPS:\u200b//a www\u200b.b WWW\u200b.b"},
		"mention":     {"@acme/admins a@b.c", "@\u200bacme/admins a@\u200bb.c"},
		"issue":       {"acme/models#1", "acme/models#\u200b1"},
		"element":     {"<img src=x> &lt;", "<\u200bimg src=x> &\u200blt;"},
		"placeholder": {"container: {image: x} {0}", "container: {image: x} {\u200b0}"},
		"control":     {"::error::\n", ":\u200b:error:\u200b:\\u000a"},
	} {
		if got := plain(tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestRelativeURI(t *testing.T) {
	for path, want := range map[string]string{
		"a/b.yaml": "a/b.yaml", "a b/ü%.yaml": "a%20b/%C3%BC%25.yaml", "c:d.yaml": "c%3Ad.yaml",
		"a?b#c": "a%3Fb%23c", "[x].yaml": "%5Bx%5D.yaml", "\xff": "%FF",
	} {
		if got := relativeURI(path); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}
