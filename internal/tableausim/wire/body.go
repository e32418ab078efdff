package wire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
)

// ParseQuery parses a query string as Java servers do: a semicolon is an ordinary character. Of a
// parameter that occurs twice the first counts ([url.Values.Get]).
func ParseQuery(raw string) (url.Values, error) {
	return url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
}

// DecodeBody decodes a body by its Content-Type: JSON where the header says so, XML everywhere
// else. A JSON body that is called a form, or nothing at all, is malformed XML; Tableau answers so
// too ("Deserialization problem: Content is not allowed in prolog", Tableau Knowledge Base). XML
// that is called a form is read, as the curl examples of the REST API reference rely on that.
func DecodeBody(r *http.Request, body []byte, into any) error {
	decode := xml.Unmarshal
	if strings.Contains(strings.ToLower(r.Header.Get("Content-Type")), "json") {
		decode = json.Unmarshal
	}
	if err := decode(bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff"))), into); err != nil {
		return Fail("400000", "Deserialization problem: the body does not have the form that its Content-Type '%s' says.", r.Header.Get("Content-Type"))
	}
	return nil
}
