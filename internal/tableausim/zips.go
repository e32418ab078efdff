package tableausim

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// zipEntry is one file of a package.
type zipEntry struct {
	name   string
	text   string
	filler int64 // bytes that are not compressed, instead of text
}

// zipTime is when all files of a package were made: the same package has the same bytes.
var zipTime = time.Date(2026, 1, 15, 6, 0, 0, 0, time.UTC)

func writeZip(w io.Writer, entries []zipEntry) error {
	z := zip.NewWriter(w)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: zipTime}
		if e.filler > 0 {
			header.Method = zip.Store
		}
		f, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err = io.WriteString(f, e.text); err == nil {
			_, err = io.CopyN(f, filler{}, e.filler)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

func zipped(entries []zipEntry) ([]byte, error) {
	var b bytes.Buffer
	err := writeZip(&b, entries)
	return b.Bytes(), err
}

// filler is an endless file of little interest.
type filler struct{}

func (filler) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i*31 + i>>8)
	}
	return len(p), nil
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

const (
	officeTypes = "http://schemas.openxmlformats.org/package/2006/content-types"
	officeRels  = "http://schemas.openxmlformats.org/package/2006/relationships"
	officeKind  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	officeMedia = "application/vnd.openxmlformats-officedocument."
)

// contentTypes is [Content_Types].xml of an Office file; overrides are pairs of part and type below officeMedia.
func contentTypes(overrides ...string) zipEntry {
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="` + officeTypes + `"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>`)
	for i := 0; i < len(overrides); i += 2 {
		_, _ = fmt.Fprintf(&b, `<Override PartName="%s" ContentType="%s"/>`, overrides[i], officeMedia+overrides[i+1])
	}
	return zipEntry{name: "[Content_Types].xml", text: b.String() + `</Types>`}
}

// relations are the links of a part; pairs of kind below officeKind and target.
func relations(name string, pairs ...string) zipEntry {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="` + officeRels + `">`)
	for i := 0; i < len(pairs); i += 2 {
		_, _ = fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>`, i/2+1, officeKind, pairs[i], pairs[i+1])
	}
	return zipEntry{name: name, text: b.String() + `</Relationships>`}
}

// xlsx writes a table as a workbook of Excel's: names as texts, numbers as numbers.
func (t table) xlsx() ([]byte, error) {
	var b strings.Builder
	b.WriteString(xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>`)
	text := func(s string) {
		b.WriteString(`<c t="inlineStr"><is><t>`)
		b.Write(appendXMLText(nil, s))
		b.WriteString(`</t></is></c>`)
	}
	for _, caption := range t.sheet.captions() {
		text(caption)
	}
	b.WriteString(`</row>`)
	for _, r := range t.rows {
		b.WriteString(`<row>`)
		for _, name := range r.names {
			text(name)
		}
		for _, x := range r.values {
			_, _ = fmt.Fprintf(&b, `<c><v>%g</v></c>`, x)
		}
		b.WriteString(`</row>`)
	}
	b.WriteString(`</sheetData></worksheet>`)
	return zipped([]zipEntry{
		contentTypes("/xl/workbook.xml", "spreadsheetml.sheet.main+xml", "/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet+xml"),
		relations("_rels/.rels", "officeDocument", "xl/workbook.xml"),
		{name: "xl/workbook.xml", text: xmlHead + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="` +
			officeKind + `"><sheets><sheet name="` + sheetName(t.title) + `" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		relations("xl/_rels/workbook.xml.rels", "worksheet", "worksheets/sheet1.xml"),
		{name: "xl/worksheets/sheet1.xml", text: b.String()},
	})
}

// sheetName is a title as Excel takes it: 31 characters, some of them not.
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

// pptx writes pictures as slides.
func pptx(pictures [][]byte) ([]byte, error) {
	types := []string{
		"/ppt/presentation.xml", "presentationml.presentation.main+xml", "/ppt/slideMasters/slideMaster1.xml", "presentationml.slideMaster+xml",
		"/ppt/slideLayouts/slideLayout1.xml", "presentationml.slideLayout+xml", "/ppt/theme/theme1.xml", "theme+xml",
	}
	links := []string{"slideMaster", "slideMasters/slideMaster1.xml"}
	var slides []zipEntry
	var list strings.Builder
	for i, picture := range pictures {
		n := i + 1
		types = append(types, fmt.Sprintf("/ppt/slides/slide%d.xml", n), "presentationml.slide+xml")
		links = append(links, "slide", fmt.Sprintf("slides/slide%d.xml", n))
		_, _ = fmt.Fprintf(&list, `<p:sldId id="%d" r:id="rId%d"/>`, 256+i, n+1)
		slides = append(slides,
			zipEntry{name: fmt.Sprintf("ppt/slides/slide%d.xml", n), text: slidePart("sld", pictureShape, "")},
			relations(fmt.Sprintf("ppt/slides/_rels/slide%d.xml.rels", n), "slideLayout", "../slideLayouts/slideLayout1.xml", "image", fmt.Sprintf("../media/image%d.png", n)),
			zipEntry{name: fmt.Sprintf("ppt/media/image%d.png", n), text: string(picture)})
	}
	presentation := xmlHead + `<p:presentation ` + slideSpaces + `><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst><p:sldIdLst>` +
		list.String() + `</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>`
	return zipped(append([]zipEntry{
		contentTypes(types...),
		relations("_rels/.rels", "officeDocument", "ppt/presentation.xml"),
		{name: "ppt/presentation.xml", text: presentation},
		relations("ppt/_rels/presentation.xml.rels", links...),
		{name: "ppt/slideMasters/slideMaster1.xml", text: slidePart("sldMaster", "", slideMasterTail)},
		relations("ppt/slideMasters/_rels/slideMaster1.xml.rels", "slideLayout", "../slideLayouts/slideLayout1.xml", "theme", "../theme/theme1.xml"),
		{name: "ppt/slideLayouts/slideLayout1.xml", text: slidePart("sldLayout", "", "")},
		relations("ppt/slideLayouts/_rels/slideLayout1.xml.rels", "slideMaster", "../slideMasters/slideMaster1.xml"),
		{name: "ppt/theme/theme1.xml", text: slideTheme()},
	}, slides...))
}

const slideSpaces = `xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="` + officeKind +
	`" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"`

// pictureShape fills a slide with its picture.
const pictureShape = `<p:pic><p:nvPicPr><p:cNvPr id="2" name="View"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed="rId2"/>` +
	`<a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="9144000" cy="6858000"/></a:xfrm>` +
	`<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>`

const slideMasterTail = `<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" ` +
	`accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst>`

// slidePart is a slide, a layout or a master with these shapes.
func slidePart(kind, shapes, tail string) string {
	return xmlHead + `<p:` + kind + ` ` + slideSpaces + `><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>` +
		`<p:grpSpPr/>` + shapes + `</p:spTree></p:cSld>` + tail + `</p:` + kind + `>`
}

// slideTheme is the least theme that PowerPoint opens.
func slideTheme() string {
	var colors strings.Builder
	for _, c := range []string{
		"dk1 000000", "lt1 FFFFFF", "dk2 333333", "lt2 EEEEEE", "accent1 336699", "accent2 E07B39", "accent3 5F9E6E", "accent4 B05060",
		"accent5 8A75A8", "accent6 C9A227", "hlink 336699", "folHlink 8A75A8",
	} {
		name, value, _ := strings.Cut(c, " ")
		_, _ = fmt.Fprintf(&colors, `<a:%s><a:srgbClr val="%s"/></a:%s>`, name, value, name)
	}
	const font = `<a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/>`
	const fill = `<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>`
	const line = `<a:ln>` + fill + `</a:ln>`
	const effect = `<a:effectStyle><a:effectLst/></a:effectStyle>`
	return xmlHead + `<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="Views"><a:themeElements><a:clrScheme name="Views">` +
		colors.String() + `</a:clrScheme><a:fontScheme name="Views"><a:majorFont>` + font + `</a:majorFont><a:minorFont>` + font +
		`</a:minorFont></a:fontScheme><a:fmtScheme name="Views"><a:fillStyleLst>` + strings.Repeat(fill, 3) + `</a:fillStyleLst><a:lnStyleLst>` +
		strings.Repeat(line, 3) + `</a:lnStyleLst><a:effectStyleLst>` + strings.Repeat(effect, 3) + `</a:effectStyleLst><a:bgFillStyleLst>` +
		strings.Repeat(fill, 3) + `</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>`
}
