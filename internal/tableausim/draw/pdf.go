package draw

import (
	"bytes"
	"fmt"
	"image/color"
	"strings"
)

// Paper is a page in points, 72 to the inch, upright.
type Paper struct{ width, height float64 }

// papers are the values of type= of PDF requests, in small letters: the case does not count. The
// documentation writes A4 and Letter, Tableau's Python client a4 and letter; b4 and unspecified are
// known from the client alone.
var papers = map[string]Paper{
	"a3": {841.9, 1190.6}, "a4": {595.3, 841.9}, "a5": {419.5, 595.3}, "b4": {708.7, 1000.6}, "b5": {498.9, 708.7}, "executive": {522, 756},
	"folio": {612, 936}, "ledger": {1224, 792}, "legal": {612, 1008}, "letter": {612, 792}, "note": {540, 720},
	"quarto": {612, 777.6}, "tabloid": {792, 1224}, "unspecified": unspecified,
}

// unspecified is the size that follows what is printed.
var unspecified = Paper{}

// NamedPaper returns the paper of a name, which may be in any case.
func NamedPaper(name string) (p Paper, known bool) {
	p, known = papers[strings.ToLower(name)]
	return p, known
}

// Landscape returns the paper turned by a quarter.
func (p Paper) Landscape() Paper { return Paper{p.height, p.width} }

// The size of a drawing on paper that has none of its own, in points.
const defaultWidth, defaultHeight = 800, 600

// pageMargin is left free on each side, in points.
const pageMargin = 36

// sheetPage is a canvas that writes the content of one PDF page.
type sheetPage struct {
	b      bytes.Buffer
	height float64 // of the drawing, in its units: PDF counts from below
}

// newPage fits a drawing of a size into the paper, and leaves it as it is where it is smaller.
func newPage(p Paper, width, height float64) *sheetPage {
	scale := min((p.width-2*pageMargin)/width, (p.height-2*pageMargin)/height, 1)
	g := &sheetPage{height: height}
	_, _ = fmt.Fprintf(&g.b, "%.4f 0 0 %.4f %.1f %.1f cm\n", scale, scale, float64(pageMargin), p.height-pageMargin-scale*height)
	return g
}

func (g *sheetPage) color(c color.RGBA, operator string) {
	_, _ = fmt.Fprintf(&g.b, "%.3f %.3f %.3f %s\n", float64(c.R)/255, float64(c.G)/255, float64(c.B)/255, operator)
}

func (g *sheetPage) rect(x, y, w, h float64, c color.RGBA) {
	g.color(c, "rg")
	_, _ = fmt.Fprintf(&g.b, "%.1f %.1f %.1f %.1f re f\n", x, g.height-y-h, w, h)
}

func (g *sheetPage) line(points []point, width float64, c color.RGBA) {
	g.color(c, "RG")
	_, _ = fmt.Fprintf(&g.b, "%.1f w\n", width)
	for i, p := range points {
		operator := "l"
		if i == 0 {
			operator = "m"
		}
		_, _ = fmt.Fprintf(&g.b, "%.1f %.1f %s\n", p.x, g.height-p.y, operator)
	}
	g.b.WriteString("S\n")
}

// dot is drawn as a line of no length with round ends.
func (g *sheetPage) dot(x, y, radius float64, c color.RGBA) {
	g.color(c, "RG")
	_, _ = fmt.Fprintf(&g.b, "1 J %.1f w %.1f %.1f m %.1f %.1f l S 0 J\n", 2*radius, x, g.height-y, x, g.height-y)
}

func (g *sheetPage) text(x, y, size float64, a align, c color.RGBA, s string) {
	text := winAnsi(s)
	points := size * 1.38 // capitals are that much of a font's size
	switch width := float64(len(text)) * points * 0.52; a {
	case alignCenter:
		x -= width / 2
	case alignRight:
		x -= width
	}
	g.color(c, "rg")
	escaped := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(string(text))
	_, _ = fmt.Fprintf(&g.b, "BT /F1 %.1f Tf %.1f %.1f Td (%s) Tj ET\n", points, x, g.height-y-size, escaped)
}

// winAnsi writes a text in the encoding of the fonts that every reader has; what that lacks becomes
// a question mark.
func winAnsi(s string) []byte {
	var b []byte
	for _, r := range s {
		switch {
		case r == '·' || r >= ' ' && r < 0x7f || r >= 0xa0 && r <= 0xff:
			b = append(b, byte(r))
		case r == '–':
			b = append(b, 0x96)
		case r == '€':
			b = append(b, 0x80)
		default:
			b = append(b, '?')
		}
	}
	return b
}

// PDF draws tables as a PDF, one to a page, in a size in points. Paper of unspecified size fits a
// drawing of defaultWidth by defaultHeight.
func PDF(p Paper, title string, tables []Table, width, height float64) []byte {
	if p == unspecified {
		p = Paper{defaultWidth + 2*pageMargin, defaultHeight + 2*pageMargin}
	}
	var pages []*sheetPage
	for _, t := range tables {
		g := newPage(p, width, height)
		drawChart(g, t, width, height)
		pages = append(pages, g)
	}
	return pdfOf(p, title, pages)
}

// pdfOf puts pages together (ISO 32000-1, 7.5).
func pdfOf(p Paper, title string, pages []*sheetPage) []byte {
	var b bytes.Buffer
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		_, _ = fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(offsets)}, args...)...)
	}
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	const before = 4 // objects before the first page
	var kids strings.Builder
	for i := range pages {
		_, _ = fmt.Fprintf(&kids, "%d 0 R ", before+1+2*i)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), len(pages))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	object("<< /Title (%s) /Producer (Tableau) >>", strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(string(winAnsi(title))))
	for i, g := range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.1f %.1f] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>",
			p.width, p.height, before+2+2*i)
		object("<< /Length %d >>\nstream\n%sendstream", g.b.Len(), g.b.String())
	}
	xref := b.Len()
	_, _ = fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		_, _ = fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	_, _ = fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, xref)
	return b.Bytes()
}
