// Package plot draws lines over two logarithmic axes as SVG, side by side in
// panels: just what docs/performance.svg shows.
package plot

import (
	"bytes"
	"fmt"
	"html"
	"math"
)

// Panel is one diagram.
type Panel struct {
	Title, X, Y string
	Lines       []Line
}

// Line is drawn through its points, which have values above 0.
type Line struct {
	Name   string
	Points []Point
}

// Point is a value of both axes.
type Point struct{ X, Y float64 }

// Measures of a panel, in pixels.
const (
	width, height            = 480, 460
	left, right, top, bottom = 60, 24, 34, 150
	rowHeight                = 16
)

// colors can be told apart by people who see fewer of them (Okabe and Ito's).
var colors = []string{"#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"}

// SVG draws the panels in a row.
func SVG(panels ...Panel) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" font-family="sans-serif" font-size="12">`+"\n", width*len(panels), height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width*len(panels), height)
	for i, p := range panels {
		fmt.Fprintf(&b, `<g transform="translate(%d,0)">`+"\n", i*width)
		p.draw(&b)
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func (p Panel) draw(b *bytes.Buffer) {
	x, y := p.axes()
	text(b, left, 20, "start", p.Title, ` font-weight="bold"`)
	for _, decade := range x.decades() {
		at := x.at(decade)
		line(b, at, top, at, height-bottom)
		text(b, at, height-bottom+16, "middle", label(decade), "")
	}
	for _, decade := range y.decades() {
		at := y.at(decade)
		line(b, left, at, width-right, at)
		text(b, left-6, at+4, "end", label(decade), "")
	}
	text(b, (left+width-right)/2, height-bottom+32, "middle", p.X, "")
	fmt.Fprintf(b, `<text transform="translate(14,%d) rotate(-90)" text-anchor="middle">%s</text>`+"\n", (top+height-bottom)/2, html.EscapeString(p.Y))
	for i, l := range p.Lines {
		l.draw(b, x, y, colors[i%len(colors)])
		row := float64(height - bottom + 52 + i*rowHeight)
		fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="%s" stroke-width="2"/>`+"\n", left, row-4, left+18, row-4, colors[i%len(colors)])
		text(b, left+24, row, "start", l.Name, "")
	}
}

func (l Line) draw(b *bytes.Buffer, x, y axis, color string) {
	fmt.Fprintf(b, `<polyline fill="none" stroke="%s" stroke-width="2" points="`, color)
	for _, p := range l.Points {
		fmt.Fprintf(b, "%.1f,%.1f ", x.at(p.X), y.at(p.Y))
	}
	b.WriteString("\"/>\n")
	for _, p := range l.Points {
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x.at(p.X), y.at(p.Y), color)
	}
}

// axis maps whole decades to pixels.
type axis struct{ low, high, from, to float64 }

// axes span all points, in whole decades.
func (p Panel) axes() (x, y axis) {
	x, y = axis{math.Inf(1), math.Inf(-1), left, width - right}, axis{math.Inf(1), math.Inf(-1), height - bottom, top}
	for _, l := range p.Lines {
		for _, point := range l.Points {
			x.hold(point.X)
			y.hold(point.Y)
		}
	}
	return x.rounded(), y.rounded()
}

func (a *axis) hold(value float64) {
	a.low, a.high = min(a.low, math.Log10(value)), max(a.high, math.Log10(value))
}

func (a axis) rounded() axis {
	if a.high < a.low { // no points
		a.low, a.high = 0, 1
	}
	a.low, a.high = math.Floor(a.low), math.Ceil(a.high)
	if a.high <= a.low {
		a.high = a.low + 1
	}
	return a
}

func (a axis) at(value float64) float64 {
	return a.from + (math.Log10(value)-a.low)/(a.high-a.low)*(a.to-a.from)
}

func (a axis) decades() (list []float64) {
	for d := a.low; d <= a.high; d++ {
		list = append(list, math.Pow(10, d))
	}
	return list
}

func label(value float64) string {
	if value >= 1 {
		return fmt.Sprintf("%.0f", value)
	}
	return fmt.Sprintf("%g", value)
}

func line(b *bytes.Buffer, x1, y1, x2, y2 float64) {
	fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#cccccc"/>`+"\n", x1, y1, x2, y2)
}

func text(b *bytes.Buffer, x, y float64, anchor, content, more string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>`+"\n", x, y, anchor, more, html.EscapeString(content))
}
