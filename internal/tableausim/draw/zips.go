package draw

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// ZipEntry is one file of an archive.
type ZipEntry struct {
	Name   string
	Text   string
	Filler int64 // instead of Text: a file of this size that is not compressed
}

// zipTime is the time of all files of an archive, so that the same archive has the same bytes.
var zipTime = time.Date(2026, 1, 15, 6, 0, 0, 0, time.UTC)

// WriteZip writes an archive as it is made. Its errors are those of w.
func WriteZip(w io.Writer, entries []ZipEntry) error {
	z := zip.NewWriter(w)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.Name, Method: zip.Deflate, Modified: zipTime}
		if e.Filler > 0 {
			header.Method = zip.Store
		}
		f, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err = io.WriteString(f, e.Text); err == nil {
			_, err = io.CopyN(f, filler{}, e.Filler)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

// Zip returns a whole archive.
func Zip(entries []ZipEntry) ([]byte, error) {
	var b bytes.Buffer
	err := WriteZip(&b, entries)
	return b.Bytes(), err
}

// Filler is an endless file of little interest.
type filler struct{}

func (filler) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i*31 + i>>8)
	}
	return len(p), nil
}

// xmlText escapes a text for XML.
func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

const (
	officeTypes = "http://schemas.openxmlformats.org/package/2006/content-types"
	officeRels  = "http://schemas.openxmlformats.org/package/2006/relationships"
	officeKind  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	officeMedia = "application/vnd.openxmlformats-officedocument."
)

// contentTypes is [Content_Types].xml of an Office file; overrides are pairs of part and type below
// officeMedia.
func contentTypes(overrides ...string) ZipEntry {
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="` + officeTypes + `"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>`)
	for i := 0; i < len(overrides); i += 2 {
		_, _ = fmt.Fprintf(&b, `<Override PartName="%s" ContentType="%s"/>`, overrides[i], officeMedia+overrides[i+1])
	}
	return ZipEntry{Name: "[Content_Types].xml", Text: b.String() + `</Types>`}
}

// relations are the links of a part; pairs of kind below officeKind and target.
func relations(name string, pairs ...string) ZipEntry {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="` + officeRels + `">`)
	for i := 0; i < len(pairs); i += 2 {
		_, _ = fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>`, i/2+1, officeKind, pairs[i], pairs[i+1])
	}
	return ZipEntry{Name: name, Text: b.String() + `</Relationships>`}
}
