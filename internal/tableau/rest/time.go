package rest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/tableau/rest/scan"
)

// Time is an optional moment in UTC. A date that cannot be read is null: one bad date must not void
// a list.
type Time struct{ time.Time }

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

// withoutMidnightAtEnd writes the midnight at the end of a day as the one at its beginning; nextDay
// is by how many days it is later.
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

// ScanText implements [scan.Scalar].
func (t *Time) ScanText(text []byte, _ *scan.Texts) bool {
	*t = Time{}
	var parsed time.Time
	if parsed.UnmarshalText(text) == nil { // RFC 3339: nearly all
		t.set(parsed)
	} else {
		t.parse(string(text))
	}
	return *t != Time{}
}

// UnmarshalXMLAttr takes an attribute in one of Tableau's forms.
func (t *Time) UnmarshalXMLAttr(attr xml.Attr) error {
	t.parse(attr.Value)
	return nil
}

// MarshalGQL writes RFC 3339 in UTC, or null for none.
func (t Time) MarshalGQL(w io.Writer) {
	var buf [40]byte
	_, _ = w.Write(t.AppendGQL(buf[:0]))
}

// AppendGQL appends RFC 3339 in UTC, or null for none.
func (t Time) AppendGQL(b []byte) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, time.RFC3339)
	return append(b, '"')
}

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

// timeForms are what Tableau writes, beside seconds or milliseconds since 1970 in newer methods:
// usually UTC with Z, offsets without a colon in inline schedules, a C-like form in triggers. The
// rest is ISO 8601 as other programs before and behind Tableau write it. A moment without a zone is
// in UTC. A fraction is taken wherever there are seconds, behind a point or a comma.
var timeForms = func() []string {
	forms := []string{time.RFC3339, time.UnixDate, "2006-01-02"}
	for _, clock := range []string{"15:04:05", "15:04"} {
		for _, zone := range []string{"Z07:00", "-0700", "-07", ""} {
			forms = append(forms, "2006-01-02T"+clock+zone)
		}
	}
	return forms
}()

// isoMoment finds a date and a time of day that is written with a blank or a small t between them,
// and perhaps one before the zone.
var isoMoment = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[ Tt](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?) ?(UTC|GMT|[Zz]|[+-][\d:]+)?$`)

// midnightAtEnd finds 24:00:00 behind a date: the midnight at the end of the day (ISO 8601).
var midnightAtEnd = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}T)24(:00(?::00(?:[.,]0+)?)?)(\D.*)?$`)

// rfc3339 is the form of RFC 3339, section 5.6; time.Parse also takes hours of one digit, commas
// and offsets of 24 hours.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
