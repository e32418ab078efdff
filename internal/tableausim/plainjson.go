package tableausim

import (
	"encoding/json"
	"net/http"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// Methods outside the versioned API write JSON and nothing else, with numbers as numbers, and name
// their media types application/vnd.tableau.….v1.…+json. Clients that say application/json, or
// nothing, are served too.

// plainJSON reports whether a method is outside the versioned API.
func plainJSON(path string) bool { return strings.HasPrefix(path, "-/") }

// errorForm returns what writes the errors of an interface that has a form of its own, or nil for
// the elements of the versioned API.
func (c *call) errorForm() func(*wire.Error) (body []byte, contentType string) {
	path := strings.TrimPrefix(c.r.URL.Path, "/api/")
	switch {
	case strings.HasSuffix(path, "/graphql"):
		return c.metadataError
	case strings.HasPrefix(path, vizqlPath):
		return c.vizqlError
	case strings.HasPrefix(path, pulsePath):
		return c.pulseError
	case plainJSON(path):
		return func(e *wire.Error) ([]byte, string) { return e.PlainJSON(), wire.JSONType }
	}
	return nil
}

// metadataError is how the gateway before the Metadata API refuses who is not signed in: without a
// body where there is no token, and with XML, whatever is accepted, where the session has ended.
// Other errors are written as the versioned API writes them.
func (c *call) metadataError(e *wire.Error) ([]byte, string) {
	switch {
	case e.Code == "401000":
		return nil, ""
	case e.Status == http.StatusUnauthorized:
		return wire.AppendXML(nil, c.version.String(), []*wire.Element{e.Element()}), wire.XMLType
	}
	return c.elementsError(e)
}

// elementsError writes an error as the versioned API does.
func (c *call) elementsError(e *wire.Error) ([]byte, string) {
	elements := []*wire.Element{e.Element()}
	if wire.Negotiate(c.r) == wire.FormJSON {
		return wire.AppendJSON(nil, elements), wire.JSONType
	}
	return wire.AppendXML(nil, c.version.String(), elements), wire.XMLType
}

// jsonAnswer is an answer of such a method. What it holds must not be changed after it was made: it
// is written outside the lock.
func jsonAnswer(v any) (*answer, error) {
	return &answer{contentType: wire.JSONType, body: func() ([]byte, error) { return json.Marshal(v) }}, nil
}
