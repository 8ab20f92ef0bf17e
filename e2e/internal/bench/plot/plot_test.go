package plot_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/bench/plot"
)

// TestSVG: ten times as much is the same way on paper, whatever it began with,
// and names are text.
func TestSVG(t *testing.T) {
	svg := plot.SVG(plot.Panel{Title: "a < b", X: "x", Y: "y", Lines: []plot.Line{
		{Name: `"first" & <only>`, Points: []plot.Point{{1, 10}, {10, 100}, {100, 1000}}},
	}})
	var points, texts []string
	decoder := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			for _, a := range token.Attr {
				if a.Name.Local == "points" {
					points = strings.Fields(a.Value)
				}
			}
		case xml.CharData:
			texts = append(texts, string(token))
		}
	}
	// From (60, 310) to (456, 34), the middle in the middle.
	if want := []string{"60.0,310.0", "258.0,172.0", "456.0,34.0"}; !slices.Equal(points, want) {
		t.Errorf("points %q, want %q", points, want)
	}
	for _, want := range []string{"a < b", `"first" & <only>`, "100", "1000"} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is not in %q", want, texts)
		}
	}
}
