package draw

import (
	"image/color"
	"slices"
)

// Bars draws a group of bars per category, one bar per series.
func (p *plot) bars() {
	names, ss := p.t.series()
	s := p.yAxis(all(ss), p.t.Sheet.Measures[0])
	slot := (p.right - p.left) / float64(len(names))
	width := slot * 0.72 / float64(len(ss))
	zero := s.at(0)
	for i, one := range ss {
		for k, x := range one.values {
			y := s.at(x)
			left := p.left + float64(k)*slot + slot*0.14 + float64(i)*width
			p.c.rect(left, min(y, zero), width-1, max(1, max(y, zero)-min(y, zero)), seriesColor(i))
		}
	}
	p.c.rect(p.left, zero-0.5, p.right-p.left, 1, pale)
	p.categories(names, p.t.Sheet.Dimensions[p.t.Axis()].Caption)
	p.legend(ss)
}

// Lines draws one line per series along the categories.
func (p *plot) lines() {
	names, ss := p.t.series()
	s := p.yAxis(all(ss), p.t.Sheet.Measures[0])
	slot := (p.right - p.left) / float64(len(names))
	for i, one := range ss {
		points := make([]point, len(one.values))
		for k, x := range one.values {
			points[k] = point{p.left + (float64(k)+0.5)*slot, s.at(x)}
		}
		p.c.line(points, 2.5, seriesColor(i))
		for _, q := range points {
			p.c.dot(q.x, q.y, 3.2, seriesColor(i))
		}
	}
	p.categories(names, p.t.Sheet.Dimensions[p.t.Axis()].Caption)
	p.legend(ss)
}

// Scatter draws a dot per row over the first two measures, colored by the second dimension.
func (p *plot) scatter() {
	var xs, ys []float64
	for _, r := range p.t.Rows {
		xs, ys = append(xs, r.Values[0]), append(ys, r.Values[1])
	}
	mx := p.t.Sheet.Measures[0]
	y := p.yAxis(ys, p.t.Sheet.Measures[1])
	x := newScale(xs, p.left, p.right)
	for _, tick := range x.ticks() {
		p.c.rect(x.at(tick)-0.5, p.top, 1, p.bottom-p.top, gridline)
		if !p.small {
			p.c.text(x.at(tick), p.bottom+9, p.text, alignCenter, pale, mx.Format.axisText(tick))
		}
	}
	if !p.small {
		p.c.text((p.left+p.right)/2, p.bottom+28, p.text, alignCenter, pale, mx.Caption)
	}
	var groups []series
	for i, r := range p.t.Rows {
		k := 0
		if len(r.Names) > 1 {
			if k = slices.IndexFunc(groups, func(s series) bool { return s.name == r.Names[1] }); k < 0 {
				k, groups = len(groups), append(groups, series{name: r.Names[1]})
			}
		}
		c := seriesColor(k)
		c.A = 0xd0
		p.c.dot(x.at(xs[i]), y.at(ys[i]), 6, c)
		if !p.small && len(p.t.Rows) <= 12 {
			p.c.text(x.at(xs[i]), y.at(ys[i])-20, p.text, alignCenter, ink, r.Names[0])
		}
	}
	p.legend(groups)
}

// Heat draws a table of cells, darker where the number is higher.
func (p *plot) heat() {
	names, ss := p.t.series()
	values := all(ss)
	lo, hi := slices.Min(values), slices.Max(values)
	if !p.small {
		p.left += 46
		p.c.text(p.left, p.top-18, p.text, alignLeft, pale, p.t.Sheet.Measures[0].Caption)
	}
	w, h := (p.right-p.left)/float64(len(ss)), (p.bottom-p.top)/float64(len(names))
	for k, name := range names {
		top := p.top + float64(k)*h
		for i, one := range ss {
			share := 0.5
			if hi > lo {
				share = (one.values[k] - lo) / (hi - lo)
			}
			p.c.rect(p.left+float64(i)*w, top, w-1, h-1, shade(share))
			if !p.small && w > 44 {
				c := ink
				if share > 0.55 {
					c = white
				}
				p.c.text(p.left+(float64(i)+0.5)*w, top+h/2-p.text/2, p.text, alignCenter, c, p.t.Sheet.Measures[0].Format.axisText(one.values[k]))
			}
		}
		if !p.small {
			p.c.text(p.left-8, top+h/2-p.text/2, p.text, alignRight, ink, fit(name, p.left-16, p.text))
		}
	}
	captions := make([]string, len(ss))
	for i := range ss {
		captions[i] = ss[i].name
	}
	p.categories(captions, p.t.Sheet.Dimensions[p.t.Axis()+1].Caption)
}

// shade returns the color of a share from 0 (light) to 1 (dark).
func shade(share float64) color.RGBA {
	mix := func(light, dark float64) uint8 { return uint8(light + (dark-light)*share) }
	return color.RGBA{mix(0xe4, 0x1f), mix(0xee, 0x4e), mix(0xf6, 0x79), 0xff}
}
