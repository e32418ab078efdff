package draw

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	pngformat "image/png"
	"math"
)

// align says which end of a text is at the given position.
type align int

const (
	alignLeft align = iota
	alignCenter
	alignRight
)

// canvas is what a chart is drawn on. Places and sizes are in its units, y grows downwards; the
// size of a Text is the height of its capitals, and its place the upper edge of them.
type canvas interface {
	rect(x, y, w, h float64, c color.RGBA)
	line(points []point, width float64, c color.RGBA)
	dot(x, y, radius float64, c color.RGBA)
	text(x, y, size float64, a align, c color.RGBA, s string)
}

// raster is a canvas of pixels. One unit is scale pixels.
type raster struct {
	img   *image.RGBA
	scale float64
}

// PNG draws a table as a PNG of a size in pixels. One unit of the drawing is scale pixels.
func PNG(t Table, width, height int, scale float64) ([]byte, error) {
	r := newRaster(width, height, scale)
	drawChart(r, t, float64(width)/scale, float64(height)/scale)
	return r.encode()
}

func newRaster(width, height int, scale float64) *raster {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	return &raster{img: img, scale: scale}
}

func (r *raster) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := pngformat.Encoder{CompressionLevel: pngformat.BestSpeed}
	if err := enc.Encode(&b, r.img); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (r *raster) rect(x, y, w, h float64, c color.RGBA) {
	s := r.scale
	box := image.Rect(int(math.Round(x*s)), int(math.Round(y*s)), int(math.Round((x+w)*s)), int(math.Round((y+h)*s)))
	draw.Draw(r.img, box, image.NewUniform(c), image.Point{}, draw.Over)
}

func (r *raster) line(points []point, width float64, c color.RGBA) {
	half := max(width*r.scale, 1) / 2
	for i := range points {
		a, b := points[max(0, i-1)], points[i]
		if i == 0 && len(points) > 1 {
			continue
		}
		r.segment(point{a.x * r.scale, a.y * r.scale}, point{b.x * r.scale, b.y * r.scale}, half, c)
	}
}

func (r *raster) dot(x, y, radius float64, c color.RGBA) {
	p := point{x * r.scale, y * r.scale}
	r.segment(p, p, radius*r.scale, c)
}

func (r *raster) text(x, y, size float64, a align, c color.RGBA, s string) {
	lines, width := strokes(s, size)
	switch a {
	case alignCenter:
		x -= width / 2
	case alignRight:
		x -= width
	}
	for _, l := range lines {
		for i := range l {
			l[i].x += x
			l[i].y += y
		}
		r.line(l, size/7, c)
	}
}

// segment paints all pixels nearer than half to the line from a to b (in pixels), soft at the edge.
func (r *raster) segment(a, b point, half float64, c color.RGBA) {
	box := image.Rect(
		int(min(a.x, b.x)-half-1), int(min(a.y, b.y)-half-1),
		int(max(a.x, b.x)+half+2), int(max(a.y, b.y)+half+2),
	).Intersect(r.img.Bounds())
	dx, dy := b.x-a.x, b.y-a.y
	length := dx*dx + dy*dy
	for py := box.Min.Y; py < box.Max.Y; py++ {
		for px := box.Min.X; px < box.Max.X; px++ {
			x, y := float64(px)+0.5-a.x, float64(py)+0.5-a.y
			t := 0.0
			if length > 0 {
				t = min(1, max(0, (x*dx+y*dy)/length))
			}
			if cover := half + 0.5 - math.Hypot(x-t*dx, y-t*dy); cover > 0 {
				r.blend(px, py, c, min(1, cover))
			}
		}
	}
}

func (r *raster) blend(x, y int, c color.RGBA, cover float64) {
	i := r.img.PixOffset(x, y)
	p := r.img.Pix[i : i+3 : i+3]
	alpha := cover * float64(c.A) / 255
	for k, v := range [3]uint8{c.R, c.G, c.B} {
		p[k] = uint8(float64(p[k])*(1-alpha) + float64(v)*alpha + 0.5)
	}
}
