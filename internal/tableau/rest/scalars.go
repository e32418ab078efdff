package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"vitrine/internal/tableau/rest/scan"
)

// Text is an optional text: null in GraphQL where Tableau leaves it out or empty.
type Text string

// UnmarshalJSON takes a string, and forgives numbers and booleans.
func (t *Text) UnmarshalJSON(data []byte) error {
	*t = Text(ScalarText(data))
	return nil
}

// ScanText implements [scan.Scalar].
func (t *Text) ScanText(text []byte, texts *scan.Texts) bool {
	*t = Text(texts.String(text))
	return len(text) > 0
}

// MarshalGQL writes the text, or null for none.
func (t Text) MarshalGQL(w io.Writer) { _, _ = w.Write(t.AppendGQL(nil)) }

// AppendGQL appends the text, or null for none.
func (t Text) AppendGQL(b []byte) []byte {
	if t == "" {
		return append(b, "null"...)
	}
	return AppendQuoted(b, string(t))
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

// Int is an optional whole number. Tableau's JSON has most numbers as strings; what is no number is
// null.
type Int struct {
	V     int64
	Valid bool
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

// ScanText implements [scan.Scalar].
func (i *Int) ScanText(text []byte, _ *scan.Texts) bool {
	v := int64(0)
	for _, c := range text {
		if c < '0' || c > '9' || len(text) > 18 {
			i.parse(string(text))
			return *i != Int{}
		}
		v = 10*v + int64(c-'0')
	}
	*i = Int{v, len(text) > 0}
	return i.Valid
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
	var buf [20]byte
	_, _ = w.Write(i.AppendGQL(buf[:0]))
}

// AppendGQL appends the number, or null for none.
func (i Int) AppendGQL(b []byte) []byte {
	if !i.Valid {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, i.V, 10)
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

// MarshalGQLContext writes the number, or null for none. One that 32 bits cannot hold is a
// *RangeError (GraphQL, 3.5.1).
func (i Int) MarshalGQLContext(_ context.Context, w io.Writer) error {
	if err := i.CheckGQL(); err != nil {
		return err
	}
	i.MarshalGQL(w)
	return nil
}

// CheckGQL returns a *RangeError for a number that 32 bits cannot hold.
func (i Int) CheckGQL() error {
	if i.V < math.MinInt32 || i.V > math.MaxInt32 {
		return &RangeError{i.V, "Int"}
	}
	return nil
}

// Long is an Int that may take 53 bits, as many as all readers of JSON know (RFC 8259, 6).
type Long struct{ Int }

const maxLong = 1<<53 - 1

// MarshalGQLContext writes the number, or null for none. One that 53 bits cannot hold is a
// *RangeError.
func (l Long) MarshalGQLContext(_ context.Context, w io.Writer) error {
	if err := l.CheckGQL(); err != nil {
		return err
	}
	l.MarshalGQL(w)
	return nil
}

// CheckGQL returns a *RangeError for a number that 53 bits cannot hold.
func (l Long) CheckGQL() error {
	if l.V < -maxLong || l.V > maxLong {
		return &RangeError{l.V, "Long"}
	}
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

// ScanText implements [scan.Scalar].
func (f *Flag) ScanText(text []byte, _ *scan.Texts) bool {
	f.parse(string(text))
	return *f != Unsaid
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
func (f Flag) MarshalGQL(w io.Writer) { _, _ = w.Write(f.AppendGQL(nil)) }

// AppendGQL appends true, false, or null where Tableau says nothing.
func (f Flag) AppendGQL(b []byte) []byte {
	switch f {
	case Yes:
		return append(b, "true"...)
	case No:
		return append(b, "false"...)
	default:
		return append(b, "null"...)
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

// URL is an optional absolute address.
type URL string

// MarshalGQL writes the address, or null for none.
func (u URL) MarshalGQL(w io.Writer) { Text(u).MarshalGQL(w) }

// AppendGQL appends the address, or null for none.
func (u URL) AppendGQL(b []byte) []byte { return Text(u).AppendGQL(b) }

// UnmarshalGQL refuses: no argument takes an address.
func (u *URL) UnmarshalGQL(any) error { return errors.New("an address is no input here") }

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

// WriteNull writes the null of JSON.
func WriteNull(w io.Writer) { _, _ = io.WriteString(w, "null") }
