package wire

import (
	"bytes"
	"encoding/xml"
	"strings"
)

const (
	namespace  = "http://tableau.com/api"
	schemaBase = "https://help.tableau.com/samples/en-us/rest_api/ts-api_"
)

// AppendXML appends a whole answer as an XML document. version is that of the API, which names the
// schema.
func AppendXML(b []byte, version string, top []*Element) []byte {
	b = append(b, `<?xml version='1.0' encoding='UTF-8'?><tsResponse xmlns="`+namespace+
		`" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="`+namespace+` `+
		schemaBase+strings.ReplaceAll(version, ".", "_")+`.xsd">`...)
	for _, e := range top {
		b = e.appendXML(b)
	}
	return append(b, "</tsResponse>"...)
}

func (e *Element) appendXML(b []byte) []byte {
	b = append(b, '<')
	b = append(b, e.Name...)
	for _, a := range e.Attrs {
		b = append(b, ' ')
		b = append(b, a.name...)
		b = append(b, '=', '"')
		b = appendXMLText(b, a.value)
		b = append(b, '"')
	}
	if len(e.Children) == 0 && e.text == "" {
		return append(b, '/', '>')
	}
	b = append(b, '>')
	b = appendXMLText(b, e.text)
	for _, c := range e.Children {
		b = c.appendXML(b)
	}
	b = append(b, '<', '/')
	b = append(b, e.Name...)
	return append(b, '>')
}

func appendXMLText(b []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' {
			plain = false
			break
		}
	}
	if plain {
		return append(b, s...)
	}
	var buf bytes.Buffer
	_ = xml.EscapeText(&buf, []byte(s)) // a bytes.Buffer does not fail
	return append(b, buf.Bytes()...)
}
