package tableau

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"vitrine/internal/tableau/rest"
)

// Frequency is how often something happens.
type Frequency string

// Servers differ in the case: otherCase forgives it.
var frequencies = map[string]string{"Hourly": "HOURLY", "Daily": "DAILY", "Weekly": "WEEKLY", "Monthly": "MONTHLY"}

// MarshalGQL writes the schema's value.
func (f Frequency) MarshalGQL(w io.Writer) { writeEnum(w, frequencies, string(f)) }

// UnmarshalGQL takes one of the schema's values.
func (f *Frequency) UnmarshalGQL(v any) error { return readEnum((*string)(f), frequencies, v) }

// LocalTime is an optional time of day without a date or zone, local to the schedule that it
// belongs to.
type LocalTime string

// MarshalGQL writes HH:MM:SS, or null for none and for what is no time of day.
func (t LocalTime) MarshalGQL(w io.Writer) {
	text, ok := timeOfDay(strings.TrimSpace(string(t)))
	if !ok {
		rest.WriteNull(w)
		return
	}
	rest.WriteQuoted(w, text)
}

// endOfDay is the midnight at the end of a day (ISO 8601): schedules that run around the clock end
// there.
const endOfDay = "24:00:00"

// midnightAtEnd finds the forms of endOfDay, with a fraction as in all times of day.
var midnightAtEnd = regexp.MustCompile(`^24:00(?::00(?:[.,]0+)?)?$`)

// timeOfDay writes a time of day as HH:MM:SS.
func timeOfDay(text string) (string, bool) {
	if midnightAtEnd.MatchString(text) {
		return endOfDay, true
	}
	for _, form := range []string{time.TimeOnly, "15:04"} { // the first takes fractions too
		if parsed, err := time.Parse(form, text); err == nil {
			return parsed.Format(time.TimeOnly), true
		}
	}
	return "", false
}

// UnmarshalGQL takes HH:MM:SS.
func (t *LocalTime) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a LocalTime is a string such as 06:30:00, not %T", v)
	}
	if _, err := time.Parse(time.TimeOnly, s); err != nil && s != endOfDay {
		return errors.New("a LocalTime is HH:MM:SS, such as 06:30:00")
	}
	*t = LocalTime(s)
	return nil
}

// Recurrence says when something happens again and again.
type Recurrence struct {
	Frequency Frequency
	StartTime LocalTime
	EndTime   LocalTime
	Intervals []*RecurrenceInterval
	NextRunAt Time
	EndsAt    Time
}

// FrequencyRaw is the frequency as Tableau writes it.
func (r *Recurrence) FrequencyRaw() Text { return Text(r.Frequency) }

// RecurrenceInterval is one step of a recurrence: one of its fields is set.
type RecurrenceInterval struct {
	Minutes  Int     `json:"minutes" xml:"minutes,attr"`
	Hours    Int     `json:"hours" xml:"hours,attr"`
	WeekDay  WeekDay `json:"weekDay" xml:"weekDay,attr"`
	MonthDay Text    `json:"monthDay" xml:"monthDay,attr"`
}

// frequencyDetails are the days and times in a schedule; lists of schedules leave them out.
type frequencyDetails struct {
	Start     LocalTime `json:"start" xml:"start,attr"`
	End       LocalTime `json:"end" xml:"end,attr"`
	Intervals struct {
		Items []*RecurrenceInterval `json:"interval" xml:"interval"`
	} `json:"intervals" xml:"intervals"`
}

// WeekDayRaw is the same as Tableau writes it.
func (i *RecurrenceInterval) WeekDayRaw() Text { return Text(i.WeekDay) }
