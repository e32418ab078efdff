package draw

import (
	"fmt"
	"image/color"
	"strings"
)

// vector is a canvas that writes SVG.
type vector struct{ b strings.Builder }

// SVG draws a table as an SVG of a size in pixels. One unit of the drawing is scale pixels.
func SVG(t Table, width, height int, scale float64) []byte {
	v := newVector(width, height, scale)
	drawChart(v, t, float64(width)/scale, float64(height)/scale)
	return []byte(v.b.String() + "</svg>")
}

func newVector(width, height int, scale float64) *vector {
	v := &vector{}
	_, _ = fmt.Fprintf(&v.b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %.1f %.1f" font-family="sans-serif"><rect width="100%%" height="100%%" fill="#fff"/>`,
		width, height, float64(width)/scale, float64(height)/scale)
	return v
}

func cssColor(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

func (v *vector) rect(x, y, w, h float64, c color.RGBA) {
	_, _ = fmt.Fprintf(&v.b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, x, y, w, h, cssColor(c))
}

func (v *vector) line(points []point, width float64, c color.RGBA) {
	_, _ = fmt.Fprintf(&v.b, `<polyline fill="none" stroke="%s" stroke-width="%.1f" points="`, cssColor(c), width)
	for _, p := range points {
		_, _ = fmt.Fprintf(&v.b, "%.1f,%.1f ", p.x, p.y)
	}
	v.b.WriteString(`"/>`)
}

func (v *vector) dot(x, y, radius float64, c color.RGBA) {
	_, _ = fmt.Fprintf(&v.b, `<circle cx="%.1f" cy="%.1f" r="%.1f" fill="%s" fill-opacity="%.2f"/>`, x, y, radius, cssColor(c), float64(c.A)/255)
}

func (v *vector) text(x, y, size float64, a align, c color.RGBA, s string) {
	anchor := [...]string{alignLeft: "start", alignCenter: "middle", alignRight: "end"}[a]
	_, _ = fmt.Fprintf(&v.b, `<text x="%.1f" y="%.1f" font-size="%.1f" text-anchor="%s" fill="%s">%s</text>`,
		x, y+size, size*1.38, anchor, cssColor(c), xmlText(s))
}
