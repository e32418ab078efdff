package draw

import (
	"fmt"
	"strings"
)

// XLSX writes the table as an Excel workbook of one sheet: names as texts, numbers as numbers.
func (t Table) XLSX() ([]byte, error) {
	var b strings.Builder
	b.WriteString(xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>`)
	text := func(s string) {
		b.WriteString(`<c t="inlineStr"><is><t>`)
		b.WriteString(xmlText(s))
		b.WriteString(`</t></is></c>`)
	}
	for _, caption := range t.Sheet.Captions() {
		text(caption)
	}
	b.WriteString(`</row>`)
	for _, r := range t.Rows {
		b.WriteString(`<row>`)
		for _, name := range r.Names {
			text(name)
		}
		for _, x := range r.Values {
			_, _ = fmt.Fprintf(&b, `<c><v>%g</v></c>`, x)
		}
		b.WriteString(`</row>`)
	}
	b.WriteString(`</sheetData></worksheet>`)
	return Zip([]ZipEntry{
		contentTypes("/xl/workbook.xml", "spreadsheetml.sheet.main+xml", "/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet+xml"),
		relations("_rels/.rels", "officeDocument", "xl/workbook.xml"),
		{Name: "xl/workbook.xml", Text: xmlHead + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="` +
			officeKind + `"><sheets><sheet name="` + sheetName(t.Title) + `" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		relations("xl/_rels/workbook.xml.rels", "worksheet", "worksheets/sheet1.xml"),
		{Name: "xl/worksheets/sheet1.xml", Text: b.String()},
	})
}

// sheetName returns a title as Excel allows it: up to 31 characters, without those that Excel
// forbids.
func sheetName(title string) string {
	title = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'<>&"`, r) {
			return ' '
		}
		return r
	}, title)
	runes := []rune(title)
	return string(runes[:min(len(runes), 31)])
}
