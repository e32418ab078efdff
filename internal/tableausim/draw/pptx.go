package draw

import (
	"fmt"
	"strings"
)

// PPTX writes PNG pictures as slides, one picture to a slide.
func PPTX(pictures [][]byte) ([]byte, error) {
	types := []string{
		"/ppt/presentation.xml", "presentationml.presentation.main+xml", "/ppt/slideMasters/slideMaster1.xml", "presentationml.slideMaster+xml",
		"/ppt/slideLayouts/slideLayout1.xml", "presentationml.slideLayout+xml", "/ppt/theme/theme1.xml", "theme+xml",
	}
	links := []string{"slideMaster", "slideMasters/slideMaster1.xml"}
	var slides []ZipEntry
	var list strings.Builder
	for i, picture := range pictures {
		n := i + 1
		types = append(types, fmt.Sprintf("/ppt/slides/slide%d.xml", n), "presentationml.slide+xml")
		links = append(links, "slide", fmt.Sprintf("slides/slide%d.xml", n))
		_, _ = fmt.Fprintf(&list, `<p:sldId id="%d" r:id="rId%d"/>`, 256+i, n+1)
		slides = append(slides,
			ZipEntry{Name: fmt.Sprintf("ppt/slides/slide%d.xml", n), Text: slidePart("sld", pictureShape, "")},
			relations(fmt.Sprintf("ppt/slides/_rels/slide%d.xml.rels", n), "slideLayout", "../slideLayouts/slideLayout1.xml", "image", fmt.Sprintf("../media/image%d.png", n)),
			ZipEntry{Name: fmt.Sprintf("ppt/media/image%d.png", n), Text: string(picture)})
	}
	presentation := xmlHead + `<p:presentation ` + slideSpaces + `><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst><p:sldIdLst>` +
		list.String() + `</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>`
	return Zip(append([]ZipEntry{
		contentTypes(types...),
		relations("_rels/.rels", "officeDocument", "ppt/presentation.xml"),
		{Name: "ppt/presentation.xml", Text: presentation},
		relations("ppt/_rels/presentation.xml.rels", links...),
		{Name: "ppt/slideMasters/slideMaster1.xml", Text: slidePart("sldMaster", "", slideMasterTail)},
		relations("ppt/slideMasters/_rels/slideMaster1.xml.rels", "slideLayout", "../slideLayouts/slideLayout1.xml", "theme", "../theme/theme1.xml"),
		{Name: "ppt/slideLayouts/slideLayout1.xml", Text: slidePart("sldLayout", "", "")},
		relations("ppt/slideLayouts/_rels/slideLayout1.xml.rels", "slideMaster", "../slideMasters/slideMaster1.xml"),
		{Name: "ppt/theme/theme1.xml", Text: slideTheme()},
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

// slidePart returns a slide, a layout or a master with these shapes.
func slidePart(kind, shapes, tail string) string {
	return xmlHead + `<p:` + kind + ` ` + slideSpaces + `><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>` +
		`<p:grpSpPr/>` + shapes + `</p:spTree></p:cSld>` + tail + `</p:` + kind + `>`
}

// slideTheme returns the smallest theme that PowerPoint opens.
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
