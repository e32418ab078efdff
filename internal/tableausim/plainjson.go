package tableausim

import (
	"encoding/json"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// Methods outside the versioned API write JSON and nothing else, with numbers as numbers, and name
// their media types application/vnd.tableau.….v1.…+json. Clients that say application/json, or
// nothing, are served too.

// plainJSON reports whether a method is outside the versioned API.
func plainJSON(path string) bool { return strings.HasPrefix(path, "-/") }

// jsonAnswer is an answer of such a method. What it holds must not be changed after it was made: it
// is written outside the lock.
func jsonAnswer(v any) (*answer, error) {
	return &answer{contentType: wire.JSONType, body: func() ([]byte, error) { return json.Marshal(v) }}, nil
}
