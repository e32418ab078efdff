package rest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"vitrine/internal/tableau/rest/scan"
)

// LUID is Tableau's id of a thing on one site: usually a UUID in lower case.
type LUID string

// ParseLUID takes 1 to 64 letters, digits and hyphens, since a LUID becomes part of a path. A UUID
// comes out in lower case: some servers and programs write the same one in upper case, and LUIDs
// are compared everywhere.
func ParseLUID(s string) (LUID, error) {
	if s == "" || len(s) > maxLUID {
		return "", fmt.Errorf("a LUID has 1 to %d letters, digits and hyphens, this has %d characters", maxLUID, len(s))
	}
	upper := false
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-') {
			return "", errors.New("a LUID has only letters, digits and hyphens")
		}
		upper = upper || c >= 'A' && c <= 'Z'
	}
	if upper && isUUID(s) {
		s = strings.ToLower(s)
	}
	return LUID(s), nil
}

// isUUID says whether a text of letters, digits and hyphens has the form of a UUID (RFC 9562, 4).
func isUUID(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	return strings.Trim(strings.ToLower(strings.ReplaceAll(s, "-", "")), "0123456789abcdef") == "" && strings.Count(s, "-") == 4
}

// LUIDOf reads an id of an answer. A text that is not a LUID is empty: the item is dropped, and the
// text never becomes part of a path.
func LUIDOf(text Text) LUID {
	id, err := ParseLUID(strings.TrimSpace(string(text)))
	if err != nil {
		return ""
	}
	return id
}

// UnmarshalJSON reads an id of an answer; a text that is not a LUID is empty.
func (l *LUID) UnmarshalJSON(data []byte) error {
	*l = LUIDOf(Text(ScalarText(data)))
	return nil
}

// usualInLUID are the bytes of a LUID that is taken as it is.
var usualInLUID = func() (usual [256]bool) {
	for _, c := range []byte("-0123456789abcdefghijklmnopqrstuvwxyz") {
		usual[c] = true
	}
	return usual
}()

// ScanText implements [scan.Scalar].
func (l *LUID) ScanText(text []byte, texts *scan.Texts) bool {
	usual := len(text) <= maxLUID
	for _, c := range text {
		usual = usual && usualInLUID[c]
	}
	if !usual {
		*l = LUIDOf(Text(text))
		return *l != ""
	}
	*l = LUID(texts.Unique(text))
	return len(text) > 0
}

// UnmarshalXMLAttr reads an id of an answer; a text that is not a LUID is empty.
func (l *LUID) UnmarshalXMLAttr(attr xml.Attr) error {
	*l = LUIDOf(Text(attr.Value))
	return nil
}

// MarshalGQL writes the id, or null for none.
func (l LUID) MarshalGQL(w io.Writer) { Text(l).MarshalGQL(w) }

// AppendGQL appends the id, or null for none.
func (l LUID) AppendGQL(b []byte) []byte { return Text(l).AppendGQL(b) }

// UnmarshalGQL takes and checks an id.
func (l *LUID) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a LUID is a string, not %T", v)
	}
	parsed, err := ParseLUID(s)
	if err != nil {
		return err
	}
	*l = parsed
	return nil
}

// maxLUID bounds what is taken as an id; recorded ids are not all UUIDs.
const maxLUID = 64
