package tableausim

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/tableausim/draw"

	"vitrine/internal/tableausim/wire"
)

// Capabilities that decide what may be taken along.
const (
	exportImage = "ExportImage"
	exportData  = "ExportData"
	exportXML   = "ExportXml"
)

// may says whether u, who sees a thing, may do more with it. What no rule speaks of is allowed, as in the templates that projects
// begin with; but nobody with the site role Viewer takes files along.
func (u *user) may(owner *user, own []rule, p *project, capability string) bool {
	if u.admin() || owner == u || p != nil && p.owner == u {
		return true
	}
	if allowed, said := decide(own, u, capability); said {
		return allowed
	}
	if p != nil {
		if allowed, said := decide(p.content, u, capability); said {
			return allowed
		}
	}
	return capability != exportXML || u.role != "Viewer" && u.role != "ReadOnly"
}

func (u *user) mayWithView(x *view, capability string) bool {
	return u.may(x.workbook.owner, slices.Concat(x.rules, x.workbook.rules), x.workbook.project, capability)
}

func (u *user) mayWithWorkbook(w *workbook, capability string) bool {
	return u.may(w.owner, w.rules, w.project, capability)
}

// switches are the codes that refuse what a server administrator has switched off, by the name that [Server.SwitchOff] takes.
var switches = map[string]string{
	"image": "403068", "pdf": "403072", "data": "403075", "workbook pdf": "403105", "powerpoint": "403128", "crosstab": "403134",
}

// SwitchOff has the server refuse a kind of content of views and workbooks to everybody: image, pdf, data, workbook pdf, powerpoint or
// crosstab.
func (s *Server) SwitchOff(kind string) error {
	if switches[kind] == "" {
		return fmt.Errorf("there is no content of the kind %q to switch off", kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = append(s.off, kind)
	return nil
}

func (s *Server) switchedOff(kind string) error {
	if slices.Contains(s.off, kind) {
		return wire.Fail(switches[kind], "The %s endpoint is disabled on this server.", kind)
	}
	return nil
}

// Forbid takes a capability, such as ExportImage or ExportXml, on a workbook, view or data source from a user who may see it.
func (s *Server) Forbid(contentURL, id, name, capability string) error {
	return s.edit(contentURL, func(st *site) error {
		u := st.user(name)
		if u == nil {
			return fmt.Errorf("there is no user %q on site %q", name, contentURL)
		}
		no := rule{user: u, capability: capability}
		switch x := st.byID[id].(type) {
		case *workbook:
			x.rules = append(slices.Clone(x.rules), no)
		case *view:
			x.rules = append(slices.Clone(x.rules), no)
		case *datasource:
			x.rules = append(slices.Clone(x.rules), no)
		case *flow:
			x.rules = append(slices.Clone(x.rules), no)
		default:
			return fmt.Errorf("nothing on site %q that can be forbidden has the LUID %q", contentURL, id)
		}
		return nil
	})
}

// FileSize makes the packed file of a workbook so many bytes longer, with an extract that is sent as it is made.
func (s *Server) FileSize(contentURL, id string, bytes int64) error {
	return s.edit(contentURL, func(st *site) error {
		w, ok := find[*workbook](st, id)
		if !ok {
			return fmt.Errorf("site %q has no workbook with the LUID %q", contentURL, id)
		}
		w.fileSize = bytes
		return nil
	})
}

// exportedView is the view in the path, if the caller may take it along in this way, and what it shows them in the state that the
// query asks for. code is what unequal filters are refused with.
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

// exportedCustomView is the custom view in the path as a table, in the state that the query asks for besides: what somebody saved keeps
// one value of the first dimension.
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

// customViewFile is GET /api/exp/sites/{site}/customviews/{id}/content: a list of the views that the state changes, each with its
// definition.
func customViewFile(c *call) (*answer, error) {
	v, err := pathCustomView(c)
	if err != nil {
		return nil, err
	}
	definition := fmt.Sprintf("<?xml version='1.0' encoding='utf-8' ?>\n\n<customized-view dashboard='%s' source-build='2025.1.0' version='18.1'>\n"+
		"  <active id='-1' />\n</customized-view>\n", xmlAttribute(v.view.name))
	return &answer{contentType: "application/json", body: func() ([]byte, error) {
		return json.MarshalIndent([]map[string]any{{
			"isSourceView": true, "viewName": v.view.name, "tcv": base64.URLEncoding.EncodeToString([]byte(definition)),
		}}, "", "    ")
	}}, nil
}

// flowFile is GET flows/{id}/content: a .tfl, or a .tflx where files go with it.
func flowFile(c *call) (*answer, error) {
	f, err := pathFlow(c)
	if err != nil {
		return nil, err
	}
	if !c.user().may(f.owner, f.rules, f.project, exportXML) {
		return nil, wire.Fail("403097", "The user is not allowed to download the flow.")
	}
	text := fmt.Sprintf(`{"parameters":{},"nodes":{},"majorVersion":1,"minorVersion":0,"documentId":%q}`, f.id)
	name := f.name + "." + f.fileType
	return attached("tableau_flow", name, "application/octet-stream", func() ([]byte, error) {
		entries := []draw.ZipEntry{{Name: "flow", Text: text}, {Name: "displaySettings", Text: "{}"}}
		if f.fileType == "tflx" {
			entries = append(entries, draw.ZipEntry{Name: "data/input.csv", Text: "Region,Sales\nWest,10\n"})
		}
		return draw.Zip(entries) // both are packed: a .tfl is a zip without data
	}), nil
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

// workbookPDF is GET workbooks/{id}/pdf: the sheets that the caller may take along, or the first where tabs are hidden.
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

// workbookPowerPoint is GET workbooks/{id}/powerpoint: a slide for each of the sheets that workbookPDF has.
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

// workbookFile is GET workbooks/{id}/content.
func workbookFile(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	if !c.user().mayWithWorkbook(w, exportXML) {
		return nil, wire.Fail("403019", "The user is not allowed to download the workbook.")
	}
	whole, err := includesExtract(c)
	if err != nil {
		return nil, err
	}
	return w.file(whole), nil
}

// file is a .twbx, or a .twb where there is no extract to go with it.
func (w *workbook) file(whole bool) *answer {
	text := w.twb()
	if !whole || !w.hasExtracts && w.fileSize == 0 {
		return attached("tableau_workbook", w.name+".twb", "application/xml", func() ([]byte, error) { return []byte(text), nil })
	}
	entries := []draw.ZipEntry{{Name: w.contentURL + ".twb", Text: text}, {Name: "Data/Extracts/" + w.contentURL + ".hyper", Filler: 4096 + w.fileSize}}
	a := attached("tableau_workbook", w.name+".twbx", "application/octet-stream", func() ([]byte, error) { return draw.Zip(entries) })
	if w.fileSize > 0 {
		a.stream = func(out io.Writer) error { return draw.WriteZip(out, entries) }
	}
	return a
}

// twb is a workbook as Tableau Desktop would read it, in outline.
func (w *workbook) twb() string {
	var b strings.Builder
	b.WriteString("<?xml version='1.0' encoding='utf-8' ?>\n<workbook source-build='2025.1.0' version='18.1'>\n  <worksheets>\n")
	for _, x := range w.views {
		_, _ = fmt.Fprintf(&b, "    <worksheet name='%s' />\n", xmlAttribute(x.name))
	}
	b.WriteString("  </worksheets>\n</workbook>\n")
	return b.String()
}

func xmlAttribute(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

// datasourceFile is GET datasources/{id}/content.
func datasourceFile(c *call) (*answer, error) {
	d, err := pathDatasource(c, "404004")
	if err != nil {
		return nil, err
	}
	if !c.user().may(d.owner, d.rules, d.project, exportXML) {
		return nil, wire.Fail("403028", "The user is not allowed to download the data source.")
	}
	whole, err := includesExtract(c)
	if err != nil {
		return nil, err
	}
	return d.file(whole), nil
}

// file is a .tdsx, or a .tds where there is no extract to go with it.
func (d *datasource) file(whole bool) *answer {
	text := fmt.Sprintf("<?xml version='1.0' encoding='utf-8' ?>\n<datasource formatted-name='%s' inline='true' version='18.1'>\n"+
		"  <connection class='%s' dbname='%s' server='%s' />\n</datasource>\n", xmlAttribute(d.name), d.kind, xmlAttribute(d.database), xmlAttribute(d.server))
	if !whole || !d.hasExtracts {
		return attached("tableau_datasource", d.name+".tds", "application/xml", func() ([]byte, error) { return []byte(text), nil })
	}
	return attached("tableau_datasource", d.name+".tdsx", "application/octet-stream", func() ([]byte, error) {
		return draw.Zip([]draw.ZipEntry{{Name: d.contentURL + ".tds", Text: text}, {Name: "Data/Extracts/" + d.contentURL + ".hyper", Filler: 4096}})
	})
}

// includesExtract reads includeExtract, which a version before 2.5 does not know.
func includesExtract(c *call) (bool, error) {
	text := c.query.Get("includeExtract")
	if text == "" || c.version.less(ver(2, 5)) {
		return true, nil
	}
	return flagParameter(c, "includeExtract")
}

// flagParameter reads a parameter that is true or false in any case, as clients write it; false without it.
func flagParameter(c *call, name string) (bool, error) {
	switch text := c.query.Get(name); strings.ToLower(text) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	default:
		return false, wire.Fail("400008", "%s '%s' is not one of true, false.", name, text)
	}
}
