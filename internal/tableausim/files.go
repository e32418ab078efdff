package tableausim

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"vitrine/internal/tableausim/draw"
	"vitrine/internal/tableausim/wire"
)

// FileSize makes the packed file of a workbook so many bytes longer, with an extract that is sent
// as it is made.
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

// customViewFile is GET /api/exp/sites/{site}/customviews/{id}/content: a list of the views that
// the state changes, each with its definition.
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
