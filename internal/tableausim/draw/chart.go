package draw

import (
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"
)

var (
	ink      = color.RGBA{0x33, 0x33, 0x33, 0xff}
	pale     = color.RGBA{0x77, 0x77, 0x77, 0xff}
	gridline = color.RGBA{0xe6, 0xe6, 0xe6, 0xff}
	white    = color.RGBA{0xff, 0xff, 0xff, 0xff}
	palette  = []color.RGBA{
		{0x33, 0x66, 0x99, 0xff},
		{0xe0, 0x7b, 0x39, 0xff},
		{0x5f, 0x9e, 0x6e, 0xff},
		{0xb0, 0x50, 0x60, 0xff},
		{0x8a, 0x75, 0xa8, 0xff},
		{0xc9, 0xa2, 0x27, 0xff},
	}
)

// plot is a chart being drawn: the position of its inner area and the size of its texts.
type plot struct {
	c                        canvas
	t                        Table
	left, top, right, bottom float64
	small                    bool // a thumbnail: no texts but the title
	text                     float64
}

// drawChart draws the table on a canvas of the given size.
func drawChart(c canvas, t Table, width, height float64) {
	small := width < 400 || height < 260
	p := &plot{c: c, t: t, left: 74, top: 92, right: width - 24, bottom: height - 54, small: small, text: 8}
	c.text(20, 18, 14, alignLeft, ink, t.Title)
	if small {
		p.left, p.top, p.right, p.bottom = 16, 52, width-16, height-16
	} else {
		c.text(20, 42, 8, alignLeft, pale, t.Subtitle)
	}
	if len(t.Rows) == 0 {
		c.text((p.left+p.right)/2, (p.top+p.bottom)/2, 10, alignCenter, pale, "No data for this selection")
		return
	}
	switch t.Sheet.Chart {
	case Lines:
		p.lines()
	case Scatter:
		p.scatter()
	case Heat:
		p.heat()
	default:
		p.bars()
	}
}

// series is one color of a chart: a value for each category.
type series struct {
	name   string
	values []float64
}

// series sums the table up by category, with a series for each name of the second dimension or,
// without one, for each measure that is formatted like the first.
func (t Table) series() (categories []string, out []series) {
	axis, byName := t.Axis(), -1
	if len(t.Sheet.Dimensions) > axis+1 {
		byName = axis + 1
	}
	add := func(name string, category int, x float64) {
		i := slices.IndexFunc(out, func(s series) bool { return s.name == name })
		if i < 0 {
			i, out = len(out), append(out, series{name: name, values: make([]float64, len(categories))})
		}
		out[i].values[category] += x
	}
	for _, r := range t.Rows {
		if !slices.Contains(categories, r.Names[axis]) {
			categories = append(categories, r.Names[axis])
		}
	}
	for _, r := range t.Rows {
		k := slices.Index(categories, r.Names[axis])
		if byName >= 0 {
			add(r.Names[byName], k, r.Values[0])
			continue
		}
		for m, x := range r.Values {
			if t.Sheet.Measures[m].Format == t.Sheet.Measures[0].Format {
				add(t.Sheet.Measures[m].Caption, k, x)
			}
		}
	}
	return categories, out
}

// scale maps numbers to positions. It begins at zero unless there are negative numbers.
type scale struct {
	lo, hi, step float64
	from, to     float64
}

func newScale(values []float64, from, to float64) scale {
	lo, hi := min(0, slices.Min(values)), max(0, slices.Max(values))
	if hi == lo {
		hi = 1
	}
	step := math.Pow(10, math.Floor(math.Log10((hi-lo)/4)))
	for _, f := range []float64{1, 2, 5, 10} {
		if (hi-lo)/(step*f) <= 5 {
			step *= f
			break
		}
	}
	if lo > -step/10 {
		lo = 0 // a value just below zero needs no step of the axis
	}
	return scale{lo: math.Floor(lo/step) * step, hi: math.Ceil(hi/step) * step, step: step, from: from, to: to}
}

func (s scale) at(x float64) float64 { return s.from + (x-s.lo)/(s.hi-s.lo)*(s.to-s.from) }

func (s scale) ticks() []float64 {
	var out []float64
	for i := 0; s.lo+float64(i)*s.step <= s.hi+s.step/2; i++ {
		out = append(out, s.lo+float64(i)*s.step)
	}
	return out
}

// axisText returns a short form of a number: $250K.
func (f Format) axisText(x float64) string {
	sign, unit := "", ""
	if x < 0 {
		sign, x = "-", -x
	}
	if f == Money {
		unit = "$"
	}
	short := func(div float64, suffix string) string {
		return sign + unit + strconv.FormatFloat(math.Round(x/div*10)/10, 'f', -1, 64) + suffix
	}
	switch {
	case f == Percent:
		return sign + strconv.FormatFloat(math.Round(x*1000)/10, 'f', -1, 64) + "%"
	case x >= 1e6:
		return short(1e6, "M")
	case x >= 1e4:
		return short(1e3, "K")
	default:
		return short(1, "")
	}
}

func all(ss []series) []float64 {
	var out []float64
	for _, s := range ss {
		out = append(out, s.values...)
	}
	return out
}

// yAxis draws grid and numbers and returns the scale.
func (p *plot) yAxis(values []float64, m Measure) scale {
	s := newScale(values, p.bottom, p.top)
	for _, x := range s.ticks() {
		y := s.at(x)
		p.c.rect(p.left, y-0.5, p.right-p.left, 1, gridline)
		if !p.small {
			p.c.text(p.left-8, y-p.text/2, p.text, alignRight, pale, m.Format.axisText(x))
		}
	}
	if !p.small {
		p.c.text(p.left, p.top-18, p.text, alignLeft, pale, m.Caption)
	}
	return s
}

// categories writes the names below the axis, each in its share of the width, shortened to fit.
func (p *plot) categories(names []string, caption string) {
	if p.small {
		return
	}
	slot := (p.right - p.left) / float64(len(names))
	for i, name := range fitAll(names, slot-4, p.text) {
		p.c.text(p.left+(float64(i)+0.5)*slot, p.bottom+9, p.text, alignCenter, ink, name)
	}
	p.c.text((p.left+p.right)/2, p.bottom+28, p.text, alignCenter, pale, caption)
}

// fitAll shortens names to a width, all in the same way: to their first words if one does not fit.
func fitAll(names []string, width, size float64) []string {
	out := slices.Clone(names)
	fits := func(s string) bool {
		_, w := strokes(s, size)
		return w <= width
	}
	if slices.ContainsFunc(names, func(s string) bool { return !fits(s) }) {
		for i, name := range names {
			out[i], _, _ = strings.Cut(name, " ")
			out[i] = fit(out[i], width, size)
		}
	}
	return out
}

// fit shortens a text letter by letter to a width.
func fit(s string, width, size float64) string {
	r := []rune(s)
	for len(r) > 3 {
		if _, w := strokes(string(r), size); w <= width {
			break
		}
		r = r[:len(r)-1]
	}
	return string(r)
}

func (p *plot) legend(ss []series) {
	if p.small || len(ss) < 2 {
		return
	}
	x := p.right
	for i := len(ss) - 1; i >= 0; i-- {
		_, w := strokes(ss[i].name, p.text)
		x -= w
		p.c.text(x, p.top-18, p.text, alignLeft, ink, ss[i].name)
		x -= 14
		p.c.rect(x, p.top-18, 9, 9, seriesColor(i))
		x -= 14
	}
}

func seriesColor(i int) color.RGBA { return palette[i%len(palette)] }
