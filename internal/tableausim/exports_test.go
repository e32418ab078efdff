package tableausim_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

// wantPDF expects a PDF whose table of objects leads to its objects, with so many pages of a size.
func wantPDF(t *testing.T, a answer, pages int, box string) {
	t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(a.body, "%PDF-1.4\n") || !strings.HasSuffix(a.body, "%%EOF\n") {
		t.Fatalf("no PDF: %d %v %.80q", a.status, a.header, a.body)
	}
	at, err := strconv.Atoi(regexp.MustCompile(`startxref\n(\d+)\n`).FindStringSubmatch(a.body)[1])
	if err != nil || !strings.HasPrefix(a.body[at:], "xref\n") {
		t.Fatalf("the table of objects is not at %d", at)
	}
	for i, entry := range regexp.MustCompile(`(\d{10}) 00000 n `).FindAllStringSubmatch(a.body[at:], -1) {
		offset, _ := strconv.Atoi(strings.TrimLeft(entry[1], "0"))
		if !strings.HasPrefix(a.body[offset:], fmt.Sprintf("%d 0 obj\n", i+1)) {
			t.Errorf("object %d is not at %d: %.20q", i+1, offset, a.body[offset:])
		}
	}
	if n := strings.Count(a.body, "/Type /Page "); n != pages || !strings.Contains(a.body, "/MediaBox ["+box+"]") {
		t.Errorf("%d pages, want %d of %s", n, pages, box)
	}
}

// wantZip expects a package with these files, of which those of XML are well formed.
func wantZip(t *testing.T, body string, names ...string) *zip.Reader {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		f, err := z.Open(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text, err := io.ReadAll(f)
		if err != nil {
			t.Error(err)
		}
		if !strings.HasSuffix(name, "xml") && !strings.HasSuffix(name, "rels") {
			continue
		}
		d := xml.NewDecoder(bytes.NewReader(text))
		for err == nil {
			_, err = d.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
	return z
}

func TestFilesAreWhatTheySayTheyAre(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	view, book := "views/"+c.sim.ViewID("", "Superstore/sheets/Overview"), "workbooks/"+c.sim.WorkbookID("", "Superstore")
	wantPDF(t, alice.get(view+"/pdf"), 1, "0 0 612.0 1008.0")
	wantPDF(t, alice.get(view+"/pdf", "type", "A4", "orientation", "Landscape", "vizWidth", "300", "vizHeight", "200"), 1, "0 0 841.9 595.3")
	wantPDF(t, alice.get(book+"/pdf", "type", "Letter"), 4, "0 0 612.0 792.0")
	if a := alice.get(view+"/pdf", "type", "A0"); a.code() != "400008" {
		t.Errorf("paper that there is not: %s", a.body)
	}
	crosstab := alice.get(view+"/crosstab/excel", "vf_Region", "West")
	z := wantZip(t, crosstab.body, "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml")
	f, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(f); strings.Count(string(text), "<row>") != 4 || strings.Contains(string(text), "East") {
		t.Errorf("the crosstab of one region: %s", text)
	}
	slides := alice.get(book + "/powerpoint")
	z = wantZip(t, slides.body, "[Content_Types].xml", "ppt/presentation.xml", "ppt/slides/slide1.xml", "ppt/slides/slide4.xml", "ppt/slideMasters/slideMaster1.xml",
		"ppt/slideLayouts/slideLayout1.xml", "ppt/theme/theme1.xml", "ppt/_rels/presentation.xml.rels", "ppt/slides/_rels/slide4.xml.rels")
	if f, err = z.Open("ppt/media/image1.png"); err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(f); err != nil {
		t.Error(err)
	}
	for _, a := range []answer{crosstab, slides} {
		if !regexp.MustCompile(`^name="tableau_\w+"; filename="(Overview|Superstore)\.(xlsx|pptx)"$`).MatchString(a.header.Get("Content-Disposition")) {
			t.Errorf("Content-Disposition: %s", a.header.Get("Content-Disposition"))
		}
	}
}

func TestFilesToDownload(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice, bob := c.user("alice", ""), c.user("bob", "")
	source := "datasources/" + c.sim.DatasourceID("", "SuperstoreDatasource") + "/content"
	wantZip(t, alice.get(source).body, "SuperstoreDatasource.tds", "Data/Extracts/SuperstoreDatasource.hyper")
	if a := alice.get(source, "includeExtract", "False"); !strings.HasPrefix(a.body, "<?xml") || a.header.Get("Content-Type") != "application/xml" {
		t.Errorf("without extract: %v %.60q", a.header, a.body)
	}
	if a := bob.get(source); a.code() != "403028" { // a Viewer
		t.Errorf("bob: %d %s", a.status, a.body)
	}
	book := c.sim.WorkbookID("", "Superstore")
	if a := bob.get("workbooks/" + book + "/content"); a.code() != "403019" {
		t.Errorf("bob: %d %s", a.status, a.body)
	}
	if err := c.sim.FileSize("", book, 1<<20); err != nil {
		t.Fatal(err)
	}
	large := alice.get("workbooks/" + book + "/content")
	if wantZip(t, large.body, "Superstore.twb"); len(large.body) < 1<<20 {
		t.Errorf("%d bytes", len(large.body))
	}
	if err := c.sim.Forbid("", book, "alice", "ExportXml"); err != nil {
		t.Fatal(err)
	}
	if a := alice.get("workbooks/" + book + "/content"); a.code() != "403019" {
		t.Errorf("forbidden: %d %s", a.status, a.body)
	}
}

func TestWhatIsSwitchedOffOrForbidden(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	id := c.sim.ViewID("", "Superstore/sheets/Overview")
	view, book := "views/"+id, "workbooks/"+c.sim.WorkbookID("", "Superstore")
	paths := map[string][2]string{ // by switch: path and code
		"image": {view + "/image", "403068"}, "pdf": {view + "/pdf", "403072"}, "data": {view + "/data", "403075"},
		"crosstab": {view + "/crosstab/excel", "403134"}, "workbook pdf": {book + "/pdf", "403105"}, "powerpoint": {book + "/powerpoint", "403128"},
	}
	for kind, x := range paths {
		if a := alice.get(x[0]); a.status != 200 {
			t.Errorf("%s: %d %s", kind, a.status, a.body)
		}
		if err := c.sim.SwitchOff(kind); err != nil {
			t.Fatal(err)
		}
		if a := alice.get(x[0]); a.code() != x[1] {
			t.Errorf("%s, switched off: %s", kind, a.body)
		}
	}
	other := start(t, tableausim.Config{})
	bob := other.user("bob", "")
	id = other.sim.ViewID("", "Superstore/sheets/Overview")
	for capability, path := range map[string]string{"ExportImage": "/image", "ExportData": "/data"} {
		if a := bob.get("views/" + id + path); a.status != 200 {
			t.Errorf("%s: %d", path, a.status)
		}
		if err := other.sim.Forbid("", id, "bob", capability); err != nil {
			t.Fatal(err)
		}
		if a := bob.get("views/" + id + path); a.code() != "403004" {
			t.Errorf("%s without %s: %d %s", path, capability, a.status, a.body)
		}
	}
}

func TestCustomViewsAreDrawn(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	carol := c.user("carol", "")
	list := carol.get("customviews", "pageSize", "1")
	id := list.json["customViews"].(map[string]any)["customView"].([]any)[0].(map[string]any)["id"].(string)
	view := carol.get("customviews/"+id).text("customView", "view", "id")
	decode(t, carol.get("customviews/"+id+"/image"))
	wantPDF(t, carol.get("customviews/"+id+"/pdf", "type", "A5"), 1, "0 0 419.5 595.3")
	saved, whole := carol.get("customviews/"+id+"/data").body, carol.get("views/"+view+"/data").body
	if strings.Count(saved, "\n") < 2 || strings.Count(saved, "\n") >= strings.Count(whole, "\n") {
		t.Errorf("the saved state shows %q of %q", saved, whole)
	}
	x := *carol
	x.base = c.base[:strings.LastIndex(c.base, "/")] + "/exp"
	var file []struct{ ViewName, TCV string }
	a := x.get("customviews/" + id + "/content")
	if err := json.Unmarshal([]byte(a.body), &file); err != nil || len(file) == 0 {
		t.Fatalf("%v: %s", err, a.body)
	}
	if definition, err := base64.URLEncoding.DecodeString(file[0].TCV); err != nil || !strings.Contains(string(definition), "customized-view") {
		t.Errorf("%v: %s", err, definition)
	}
}
