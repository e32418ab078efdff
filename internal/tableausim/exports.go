package tableausim

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/tableausim/draw"
	"vitrine/internal/tableausim/wire"
)

// exportedView is the view in the path, if the caller may take it along in this way, and what it
// shows them in the state that the query asks for. code is what unequal filters are refused with.
func exportedView(c *call, kind, capability, code string) (*view, draw.Table, error) {
	x, err := pathView(c, c.r.PathValue("id"))
	if err == nil {
		err = c.s.switchedOff(kind)
	}
	if err == nil && !c.user().mayWithView(x, capability) {
		err = errForbidden()
	}
	if err == nil {
		err = checkMaxAge(c)
	}
	if err != nil {
		return nil, draw.Table{}, err
	}
	t, err := filtered(limited(tableOf(x, c.user()), c.session.proof), c.query, code)
	return x, t, err
}

// viewImage is GET views/{id}/image: the view's chart, drawn now, as the caller would see it.
func viewImage(c *call) (*answer, error) {
	x, t, err := exportedView(c, "image", exportImage, "400074")
	if err != nil {
		return nil, err
	}
	p, err := readPicture(c)
	if err != nil {
		return nil, err
	}
	return c.s.draw(t, p, renderKey(x, c.user(), p, c.r.URL.RawQuery+c.session.proof.attributeKey())), nil
}

// viewData is GET views/{id}/data: the data of the view as CSV, formatted.
func viewData(c *call) (*answer, error) {
	_, t, err := exportedView(c, "data", exportData, "400081")
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, contentType: "text/csv;charset=UTF-8", body: t.CSV}, nil
}

// exportedCustomView is the custom view in the path as a table, in the state that the query asks
// for besides: what somebody saved keeps one value of the first dimension.
func exportedCustomView(c *call, kind, capability, code string) (*customView, draw.Table, error) {
	v, err := pathCustomView(c)
	if err == nil {
		err = c.s.switchedOff(kind)
	}
	if err == nil && !c.user().mayWithView(v.view, capability) {
		err = wire.Fail("403162", "The user is not allowed to export this custom view.")
	}
	if err == nil {
		err = checkMaxAge(c)
	}
	if err != nil {
		return nil, draw.Table{}, err
	}
	t, err := filtered(limited(v.table(c.user()), c.session.proof), c.query, code)
	return v, t, err
}

// table is what the saved state shows.
func (v *customView) table(u *user) draw.Table {
	t := tableOf(v.view, u)
	t.Subtitle += " · " + v.name
	axis := t.Axis()
	kept := t.Sheet.Dimensions[axis].Values[seed(v.id)%uint64(len(t.Sheet.Dimensions[axis].Values))]
	t.Rows = slices.DeleteFunc(t.Rows, func(r draw.Row) bool { return r.Names[axis] != kept })
	return t
}

// customViewImage is GET customviews/{id}/image.
func customViewImage(c *call) (*answer, error) {
	v, t, err := exportedCustomView(c, "image", exportImage, "400074")
	if err != nil {
		return nil, err
	}
	p, err := readPicture(c)
	if err != nil {
		return nil, err
	}
	return c.s.draw(t, p, v.id+renderKey(v.view, c.user(), p, c.r.URL.RawQuery+c.session.proof.attributeKey())), nil
}

// customViewPDF is GET customviews/{id}/pdf.
func customViewPDF(c *call) (*answer, error) {
	v, t, err := exportedCustomView(c, "pdf", exportImage, "400080")
	if err != nil {
		return nil, err
	}
	return printed(c, v.name, []draw.Table{t})
}

// customViewData is GET customviews/{id}/data.
func customViewData(c *call) (*answer, error) {
	_, t, err := exportedCustomView(c, "data", exportData, "400081")
	if err != nil {
		return nil, err
	}
	return &answer{contentType: "text/csv;charset=UTF-8", body: t.CSV}, nil
}

// viewCrosstab is GET views/{id}/crosstab/excel: the data of the view as a workbook of Excel's.
func viewCrosstab(c *call) (*answer, error) {
	x, t, err := exportedView(c, "crosstab", exportData, "400130")
	if err != nil {
		return nil, err
	}
	if x.sheet.Kind == "story" {
		return nil, wire.Fail("400130", "View '%s' is a story, which has no crosstab.", x.id) // the code is not documented for this
	}
	return attached("tableau_crosstab", x.name+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", t.XLSX), nil
}

// viewPDF is GET views/{id}/pdf.
func viewPDF(c *call) (*answer, error) {
	x, t, err := exportedView(c, "pdf", exportImage, "400080")
	if err != nil {
		return nil, err
	}
	return printed(c, x.name, []draw.Table{t})
}

// workbookPDF is GET workbooks/{id}/pdf: the sheets that the caller may take along, or the first
// where tabs are hidden.
func workbookPDF(c *call) (*answer, error) {
	w, sheets, err := exportedSheets(c, "workbook pdf")
	if err != nil {
		return nil, err
	}
	var tables []draw.Table
	for _, x := range sheets {
		t := limited(tableOf(x, c.user()), c.session.proof)
		if !c.version.less(ver(3, 23)) {
			if t, err = filtered(t, c.query, "400101"); err != nil {
				return nil, err
			}
		}
		tables = append(tables, t)
	}
	return printed(c, w.name, tables)
}

// workbookPowerPoint is GET workbooks/{id}/powerpoint: a slide for each of the sheets that
// workbookPDF has.
func workbookPowerPoint(c *call) (*answer, error) {
	w, sheets, err := exportedSheets(c, "powerpoint")
	if err != nil {
		return nil, err
	}
	var slides []*answer
	for _, x := range sheets {
		p := picture{width: imageWidth, height: imageHeight, scale: 1}
		slides = append(slides, c.s.draw(limited(tableOf(x, c.user()), c.session.proof), p, renderKey(x, c.user(), p, "slide"+c.session.proof.attributeKey())))
	}
	return attached("tableau_powerpoint", w.name+".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", func() ([]byte, error) {
		var pictures [][]byte
		for _, slide := range slides {
			picture, err := slide.body()
			if err != nil {
				return nil, err
			}
			pictures = append(pictures, picture)
		}
		return draw.PPTX(pictures)
	}), nil
}

func exportedSheets(c *call, kind string) (*workbook, []*view, error) {
	w, err := pathWorkbook(c)
	if err == nil {
		err = c.s.switchedOff(kind)
	}
	if err == nil {
		err = checkMaxAge(c)
	}
	if err != nil {
		return nil, nil, err
	}
	var sheets []*view
	for _, x := range w.views {
		if c.user().seesView(x) && c.user().mayWithView(x, exportImage) && (w.showTabs || len(sheets) == 0) {
			sheets = append(sheets, x)
		}
	}
	if len(sheets) == 0 {
		return nil, nil, errForbidden()
	}
	return w, sheets, nil
}

// printed makes a PDF with a page for each table.
func printed(c *call, name string, tables []draw.Table) (*answer, error) {
	p, ok := draw.NamedPaper(cmp.Or(c.query.Get("type"), "Legal"))
	if !ok {
		return nil, wire.Fail("400008", "Page type '%s' is not known.", c.query.Get("type"))
	}
	switch o := c.query.Get("orientation"); {
	case o == "" || strings.EqualFold(o, "portrait"):
	case strings.EqualFold(o, "landscape"):
		p = p.Landscape()
	default:
		return nil, wire.Fail("400008", "Page orientation '%s' is not known.", o)
	}
	width, height := float64(imageWidth), float64(imageHeight)
	if w, h := c.query.Get("vizWidth"), c.query.Get("vizHeight"); !c.version.less(sizeSince) && (w != "" || h != "") {
		pixelsWide, errW := strconv.Atoi(w)
		pixelsHigh, errH := strconv.Atoi(h)
		if errW != nil || errH != nil || pixelsWide < 1 || pixelsHigh < 1 {
			return nil, errImage("vizWidth '%s' and vizHeight '%s' must both be whole numbers from 1.", w, h)
		}
		width, height = float64(pixelsWide), float64(pixelsHigh)
	}
	return attached("tableau_pdf", name+".pdf", "application/pdf", func() ([]byte, error) {
		return draw.PDF(p, name, tables, width, height), nil
	}), nil
}

// attached is an answer that says under which name it is to be saved, as Tableau writes it.
func attached(part, name, contentType string, body func() ([]byte, error)) *answer {
	name = strings.NewReplacer(`"`, "'", "\r", " ", "\n", " ").Replace(name)
	return &answer{
		contentType: contentType, body: body,
		header: http.Header{"Content-Disposition": {fmt.Sprintf(`name="%s"; filename="%s"`, part, name)}},
	}
}
