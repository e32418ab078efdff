package content

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/tableau"
)

// form is what content is to a browser. It is ours to say: what Tableau says is not asked.
type form struct {
	media     string
	extension string
	shown     bool // unless saving is asked for; all else is saved
	showable  bool // if showing is asked for: a browser runs nothing that is in it
	packed    string
}

const (
	mediaPNG  = "image/png"
	mediaSVG  = "image/svg+xml"
	mediaFile = "application/octet-stream"
	charset   = "; charset=utf-8"
)

var (
	picture  = form{media: mediaPNG, extension: ".png", shown: true, showable: true}
	document = form{media: "application/pdf", extension: ".pdf", shown: true, showable: true}
	table    = form{media: "text/csv" + charset, extension: ".csv", showable: true}
)

// forms has all kinds of content. A file of Tableau's is packed, a zip, or plain XML: which, is
// seen when it comes.
var forms = map[tableau.ExportKind]form{
	tableau.ViewImage: picture, tableau.ViewPreview: picture, tableau.CustomViewImage: picture, tableau.WorkbookPreview: picture,
	tableau.ViewPDF: document, tableau.CustomViewPDF: document, tableau.WorkbookPDF: document,
	tableau.ViewCSV: table, tableau.CustomViewCSV: table,
	tableau.ViewCrosstab: {
		media: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", extension: ".xlsx",
	},
	tableau.WorkbookPowerPoint: {
		media: "application/vnd.openxmlformats-officedocument.presentationml.presentation", extension: ".pptx",
	},
	tableau.WorkbookFile:       {media: mediaFile, extension: ".twb", packed: ".twbx"},
	tableau.WorkbookRevision:   {media: mediaFile, extension: ".twb", packed: ".twbx"},
	tableau.DataSourceFile:     {media: mediaFile, extension: ".tds", packed: ".tdsx"},
	tableau.DataSourceRevision: {media: mediaFile, extension: ".tds", packed: ".tdsx"},
	tableau.FlowFile:           {media: mediaFile, extension: ".tfl"},
	tableau.CustomViewFile:     {media: "application/json", extension: ".json", showable: true},
}

// of is the form of one content, before its first bytes are seen: a file is usually packed.
func (f form) of(x *tableau.Export) form {
	if x.Format == tableau.SVG {
		f = form{media: mediaSVG, extension: ".svg"} // it may have scripts: <img> runs none, and needs no permission to show it
	}
	if f.packed != "" {
		f.extension = f.packed
	}
	if x.Extension != "" {
		f.extension = "." + x.Extension
	}
	return f
}

// as returns what a browser does with content of this form, given what was asked for.
func (f form) as(asked tableau.Disposition) tableau.Disposition {
	if f.showable && (asked == tableau.Inline || asked == "" && f.shown) {
		return tableau.Inline
	}
	return tableau.Attachment
}

// zipped is how a packed file begins.
const zipped = "PK\x03\x04"

// detect is the form of content that begins like this.
func (f form) detect(x *tableau.Export, beginning []byte) form {
	packed := strings.HasPrefix(string(beginning), zipped)
	plain := f.extension
	if f = f.of(x); f.packed != "" && !packed {
		f.extension = plain
	}
	return f
}

// maxName bounds the name of a thing in a link, in bytes.
const maxName = 120

// shortened cuts a name between two characters.
func shortened(name string) string {
	for i := range name {
		if i > maxName {
			return name[:i]
		}
	}
	return name
}

// deviceNames are names that Windows keeps for itself, whatever follows a dot.
var deviceNames = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true, "com": true, "lpt": true}

// fileName makes a name that every system takes of the name of a thing: no path, no control
// character, nothing that turns the reading direction to hide an extension.
func fileName(name, extension string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`/\:*?"<>|%;`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	if name == "" || deviceNames[strings.TrimRight(base, "0123456789")] {
		name = strings.TrimSuffix("content_"+name, "_")
	}
	return name + extension
}

// disposition is the header Content-Disposition (RFC 6266) for a name: plain for old readers, exact
// for others (RFC 8187).
func disposition(as tableau.Disposition, name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, name)
	s := string(as) + `; filename="` + plain + `"`
	if plain != name {
		s += "; filename*=UTF-8''" + escaped(name)
	}
	return s
}

// escaped writes all but letters, digits and a few signs as bytes in hex.
func escaped(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
