package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Secret is a token or password: it prints as REDACTED wherever it goes. Read it with Reveal.
//
// It is a pointer inside: fmt calls no method of the value of an unexported field, and then prints the pointer.
type Secret struct{ text *string }

// NewSecret wraps a token or password.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal gives the secret itself, for the one place that sends it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String hides the secret from everything that prints.
func (Secret) String() string { return "REDACTED" }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return "REDACTED" }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue("REDACTED") }

// MarshalJSON hides the secret from JSON.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"REDACTED"`), nil }

// UnmarshalJSON takes the secret out of an answer.
func (s *Secret) UnmarshalJSON(data []byte) error {
	*s = NewSecret(ScalarText(data))
	return nil
}

// UnmarshalXMLAttr takes the secret out of an answer.
func (s *Secret) UnmarshalXMLAttr(attr xml.Attr) error {
	*s = NewSecret(attr.Value)
	return nil
}

// Text is an optional text: null in GraphQL where Tableau leaves it out or empty.
type Text string

// UnmarshalJSON takes a string, and forgives numbers and booleans.
func (t *Text) UnmarshalJSON(data []byte) error {
	*t = Text(ScalarText(data))
	return nil
}

// MarshalGQL writes the text, or null for none.
func (t Text) MarshalGQL(w io.Writer) {
	if t == "" {
		WriteNull(w)
		return
	}
	WriteQuoted(w, string(t))
}

// UnmarshalGQL takes a string.
func (t *Text) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a text is wanted, not %T", v)
	}
	*t = Text(s)
	return nil
}

// Int is an optional whole number. Tableau's JSON has most numbers as strings; what is no number is null.
type Int struct {
	V   int64
	Set bool
}

// NewInt makes a number that is there.
func NewInt(v int64) Int { return Int{v, true} }

func (i *Int) parse(text string) {
	v, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if ferr != nil || !(f >= -1<<53 && f <= 1<<53) { // also what is no number at all
			*i = Int{}
			return
		}
		v = int64(f)
	}
	*i = Int{v, true}
}

// UnmarshalJSON takes a number or a string that holds one.
func (i *Int) UnmarshalJSON(data []byte) error {
	i.parse(ScalarText(data))
	return nil
}

// UnmarshalXMLAttr takes an attribute that holds a number.
func (i *Int) UnmarshalXMLAttr(attr xml.Attr) error {
	i.parse(attr.Value)
	return nil
}

// UnmarshalText takes an element that holds nothing but a number.
func (i *Int) UnmarshalText(text []byte) error {
	i.parse(string(text))
	return nil
}

// MarshalGQL writes the number, or null for none.
func (i Int) MarshalGQL(w io.Writer) {
	if !i.Set {
		WriteNull(w)
		return
	}
	var buf [20]byte
	_, _ = w.Write(strconv.AppendInt(buf[:0], i.V, 10))
}

// RangeError is of a number that is too large for the type that the schema gives it.
type RangeError struct {
	Value int64
	Type  string // Int or Long
}

// Error says which number it is and what holds none like it.
func (e *RangeError) Error() string {
	return fmt.Sprintf("Tableau says %d, which is no number that GraphQL's %s can hold", e.Value, e.Type)
}

// MarshalGQLContext writes the number, or null for none. One that 32 bits cannot hold is a *RangeError (GraphQL, 3.5.1).
func (i Int) MarshalGQLContext(_ context.Context, w io.Writer) error {
	if i.V < math.MinInt32 || i.V > math.MaxInt32 {
		return &RangeError{i.V, "Int"}
	}
	i.MarshalGQL(w)
	return nil
}

// Long is an Int that may take 53 bits, as many as all readers of JSON know (RFC 8259, 6).
type Long struct{ Int }

const maxLong = 1<<53 - 1

// MarshalGQLContext writes the number, or null for none. One that 53 bits cannot hold is a *RangeError.
func (l Long) MarshalGQLContext(_ context.Context, w io.Writer) error {
	if l.V < -maxLong || l.V > maxLong {
		return &RangeError{l.V, "Long"}
	}
	l.MarshalGQL(w)
	return nil
}

// UnmarshalGQLContext takes a whole number; gqlgen looks for it on the type itself.
func (l *Long) UnmarshalGQLContext(_ context.Context, v any) error { return l.UnmarshalGQL(v) }

// UnmarshalGQLContext is UnmarshalGQL.
func (i *Int) UnmarshalGQLContext(_ context.Context, v any) error { return i.UnmarshalGQL(v) }

// UnmarshalGQL takes a whole number.
func (i *Int) UnmarshalGQL(v any) error {
	switch n := v.(type) {
	case int64:
		*i = NewInt(n)
	case int:
		*i = NewInt(int64(n))
	case json.Number:
		p, err := n.Int64()
		if err != nil {
			return fmt.Errorf("%s is no whole number", n)
		}
		*i = NewInt(p)
	default:
		return fmt.Errorf("a whole number is wanted, not %T", v)
	}
	return nil
}

// Flag is an optional yes or no. Tableau writes some as booleans, some as "true" or "True".
type Flag uint8

// The values of a Flag; the zero value is that Tableau says nothing.
const (
	Unsaid Flag = iota
	No
	Yes
)

func (f *Flag) parse(text string) {
	switch {
	case strings.EqualFold(text, "true"), text == "1":
		*f = Yes
	case strings.EqualFold(text, "false"), text == "0":
		*f = No
	default:
		*f = Unsaid
	}
}

// UnmarshalJSON takes a boolean or a string that says one.
func (f *Flag) UnmarshalJSON(data []byte) error {
	f.parse(ScalarText(data))
	return nil
}

// UnmarshalXMLAttr takes an attribute that says true or false.
func (f *Flag) UnmarshalXMLAttr(attr xml.Attr) error {
	f.parse(strings.TrimSpace(attr.Value))
	return nil
}

// UnmarshalText takes an element that holds nothing but true or false.
func (f *Flag) UnmarshalText(text []byte) error {
	f.parse(strings.TrimSpace(string(text)))
	return nil
}

// MarshalGQL writes true, false, or null where Tableau says nothing.
func (f Flag) MarshalGQL(w io.Writer) {
	switch f {
	case Yes:
		_, _ = io.WriteString(w, "true")
	case No:
		_, _ = io.WriteString(w, "false")
	default:
		WriteNull(w)
	}
}

// UnmarshalGQL takes a boolean.
func (f *Flag) UnmarshalGQL(v any) error {
	b, ok := v.(bool)
	if !ok {
		return fmt.Errorf("true or false is wanted, not %T", v)
	}
	*f = No
	if b {
		*f = Yes
	}
	return nil
}

// Time is an optional moment in UTC. A date that cannot be read is null: one bad date must not void a list.
type Time struct{ time.Time }

// timeForms are what Tableau writes, beside seconds or milliseconds since 1970 in newer methods: usually UTC with Z, offsets without a
// colon in inline schedules, a C-like form in triggers. The rest is ISO 8601 as other programs before and behind Tableau write it. A
// moment without a zone is in UTC. A fraction is taken wherever there are seconds, behind a point or a comma.
var timeForms = func() []string {
	forms := []string{time.RFC3339, time.UnixDate, "2006-01-02"}
	for _, clock := range []string{"15:04:05", "15:04"} {
		for _, zone := range []string{"Z07:00", "-0700", "-07", ""} {
			forms = append(forms, "2006-01-02T"+clock+zone)
		}
	}
	return forms
}()

// isoMoment finds a date and a time of day that is written with a blank or a small t between them, and perhaps one before the zone.
var isoMoment = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[ Tt](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?) ?(UTC|GMT|[Zz]|[+-][\d:]+)?$`)

func (t *Time) parse(text string) {
	*t = Time{}
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	if parsed, err := time.Parse(time.RFC3339, text); err == nil { // nearly all
		t.set(parsed)
		return
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		switch {
		case len(text) >= 12 && len(text) <= 14:
			t.set(time.UnixMilli(number))
		case len(text) == 10:
			t.set(time.Unix(number, 0))
		}
		return
	}
	if m := isoMoment.FindStringSubmatch(text); m != nil {
		zone := strings.ToUpper(m[3])
		if zone == "UTC" || zone == "GMT" {
			zone = "Z"
		}
		text = m[1] + "T" + m[2] + zone
	}
	text, nextDay := withoutMidnightAtEnd(text)
	for _, form := range timeForms {
		parsed, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		if zone, _ := parsed.Zone(); form == time.UnixDate && zone != "UTC" {
			return // a zone's short name does not say which zone it is
		}
		t.set(parsed.AddDate(0, 0, nextDay))
		return
	}
}

// set takes a moment, unless no DateTime can show it: RFC 3339 has four digits for the year.
func (t *Time) set(moment time.Time) {
	if moment = moment.UTC(); moment.Year() >= 1 && moment.Year() <= 9999 {
		t.Time = moment
	}
}

// midnightAtEnd finds 24:00:00 behind a date: the midnight at the end of the day (ISO 8601).
var midnightAtEnd = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}T)24(:00(?::00(?:[.,]0+)?)?)(\D.*)?$`)

// withoutMidnightAtEnd writes the midnight at the end of a day as the one at its beginning; nextDay is by how many days it is later.
func withoutMidnightAtEnd(text string) (rewritten string, nextDay int) {
	if m := midnightAtEnd.FindStringSubmatch(text); m != nil {
		return m[1] + "00" + m[2] + m[3], 1
	}
	return text, 0
}

// UnmarshalJSON takes a string in one of Tableau's forms.
func (t *Time) UnmarshalJSON(data []byte) error {
	t.parse(ScalarText(data))
	return nil
}

// UnmarshalXMLAttr takes an attribute in one of Tableau's forms.
func (t *Time) UnmarshalXMLAttr(attr xml.Attr) error {
	t.parse(attr.Value)
	return nil
}

// MarshalGQL writes RFC 3339 in UTC, or null for none.
func (t Time) MarshalGQL(w io.Writer) {
	if t.IsZero() {
		WriteNull(w)
		return
	}
	var buf [40]byte
	b := append(buf[:0], '"')
	b = t.UTC().AppendFormat(b, time.RFC3339)
	_, _ = w.Write(append(b, '"'))
}

// rfc3339 is the form of RFC 3339, section 5.6; time.Parse also takes hours of one digit, commas and offsets of 24 hours.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// UnmarshalGQL takes RFC 3339 with any offset.
func (t *Time) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a DateTime is a string such as 2026-11-23T16:42:00Z, not %T", v)
	}
	parsed, err := time.Parse(time.RFC3339, s)
	if err != nil || !rfc3339.MatchString(s) {
		return errors.New("a DateTime is RFC 3339, such as 2026-11-23T16:42:00Z")
	}
	t.Time = parsed.UTC()
	return nil
}

// URL is an optional absolute address.
type URL string

// MarshalGQL writes the address, or null for none.
func (u URL) MarshalGQL(w io.Writer) { Text(u).MarshalGQL(w) }

// UnmarshalGQL refuses: no argument takes an address.
func (u *URL) UnmarshalGQL(any) error { return errors.New("an address is no input here") }

// LUID is Tableau's id of a thing on one site: usually a UUID in lower case.
type LUID string

// maxLUID bounds what is taken as an id; recorded ids are not all UUIDs.
const maxLUID = 64

// ParseLUID takes 1 to 64 letters, digits and hyphens, since a LUID becomes part of a path. A UUID comes out in lower case: some
// servers and programs write the same one in upper case, and LUIDs are compared everywhere.
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

// LUIDOf reads an id of an answer. A text that is not a LUID is empty: the item is dropped, and the text never becomes part of a path.
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

// UnmarshalXMLAttr reads an id of an answer; a text that is not a LUID is empty.
func (l *LUID) UnmarshalXMLAttr(attr xml.Attr) error {
	*l = LUIDOf(Text(attr.Value))
	return nil
}

// MarshalGQL writes the id, or null for none.
func (l LUID) MarshalGQL(w io.Writer) { Text(l).MarshalGQL(w) }

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

// ScalarText gives the text of a JSON scalar; null, objects and arrays have none.
func ScalarText(data []byte) string {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] == 'n' || data[0] == '{' || data[0] == '[' {
		return ""
	}
	if data[0] != '"' {
		return string(data)
	}
	if inner := data[1 : len(data)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var s string
	if json.Unmarshal(data, &s) != nil {
		return ""
	}
	return s
}

func WriteNull(w io.Writer) { _, _ = io.WriteString(w, "null") }
