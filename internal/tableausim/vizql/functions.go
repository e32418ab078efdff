package vizql

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// function is a function of formulas.
type function struct {
	least, most int    // arguments
	result      string // data type of the result; that of an argument when empty
	typed       int    // the argument that decides the type
	aggregates  bool
	call        func([]any) any
}

// functions are those that formulas may call.
var functions = map[string]function{
	"SUM": {1, 1, "", 0, true, nil}, "AVG": {1, 1, "REAL", 0, true, nil}, "MEDIAN": {1, 1, "REAL", 0, true, nil},
	"COUNT": {1, 1, "INTEGER", 0, true, nil}, "COUNTD": {1, 1, "INTEGER", 0, true, nil}, "MIN": {1, 1, "", 0, true, nil},
	"MAX": {1, 1, "", 0, true, nil}, "STDEV": {1, 1, "REAL", 0, true, nil}, "VAR": {1, 1, "REAL", 0, true, nil}, "ATTR": {1, 1, "", 0, true, nil},
	"IIF":    {2, 3, "", 1, false, nil},
	"ZN":     {1, 1, "", 0, false, func(v []any) any { return orElse(v[0], int64(0)) }},
	"IFNULL": {2, 2, "", 0, false, func(v []any) any { return orElse(v[0], v[1]) }},
	"ISNULL": {1, 1, "BOOLEAN", 0, false, func(v []any) any { return v[0] == nil }},
	"ABS":    {1, 1, "", 0, false, onNumber(math.Abs)}, "FLOOR": {1, 1, "INTEGER", 0, false, onNumber(math.Floor)},
	"CEILING": {1, 1, "INTEGER", 0, false, onNumber(math.Ceil)}, "SQRT": {1, 1, "REAL", 0, false, onNumber(math.Sqrt)},
	"ROUND": {1, 2, "", 0, false, round}, "INT": {1, 1, "INTEGER", 0, false, toInt},
	"FLOAT": {1, 1, "REAL", 0, false, onNumber(func(n float64) float64 { return n })}, "STR": {1, 1, "STRING", 0, false, func(v []any) any {
		if v[0] == nil {
			return nil
		}
		return textOf(v[0])
	}},
	"UPPER": {1, 1, "STRING", 0, false, onText(strings.ToUpper)}, "LOWER": {1, 1, "STRING", 0, false, onText(strings.ToLower)},
	"TRIM": {1, 1, "STRING", 0, false, onText(strings.TrimSpace)},
	"LEN":  {1, 1, "INTEGER", 0, false, func(v []any) any { s, ok := v[0].(string); return present(int64(len([]rune(s))), ok) }},
	"LEFT": {2, 2, "STRING", 0, false, left}, "CONTAINS": {2, 2, "BOOLEAN", 0, false, onTexts(strings.Contains)},
	"STARTSWITH": {2, 2, "BOOLEAN", 0, false, onTexts(strings.HasPrefix)}, "ENDSWITH": {2, 2, "BOOLEAN", 0, false, onTexts(strings.HasSuffix)},
	"YEAR": {1, 1, "INTEGER", 0, false, datePart("YEAR")}, "QUARTER": {1, 1, "INTEGER", 0, false, datePart("QUARTER")},
	"MONTH": {1, 1, "INTEGER", 0, false, datePart("MONTH")}, "WEEK": {1, 1, "INTEGER", 0, false, datePart("WEEK")},
	"DAY": {1, 1, "INTEGER", 0, false, datePart("DAY")},
	"DATETRUNC": {2, 2, "DATE", 0, false, func(v []any) any {
		unit, _ := v[0].(string)
		t, ok := v[1].(time.Time)
		return present(truncate(t, strings.ToUpper(unit)+"S"), ok)
	}},
	"DATEDIFF": {3, 3, "INTEGER", 0, false, dateDiff},
}

func present(v any, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

func orElse(v, otherwise any) any {
	if v == nil {
		return otherwise
	}
	return v
}

func onNumber(f func(float64) float64) func([]any) any {
	return func(v []any) any {
		n, ok := toFloat(v[0])
		if _, whole := v[0].(int64); whole {
			return int64(f(n))
		}
		return present(f(n), ok)
	}
}

func onText(f func(string) string) func([]any) any {
	return func(v []any) any {
		s, ok := v[0].(string)
		return present(f(s), ok)
	}
}

func onTexts(f func(s, part string) bool) func([]any) any {
	return func(v []any) any {
		s, okS := v[0].(string)
		part, okPart := v[1].(string)
		return present(f(s, part), okS && okPart)
	}
}

func round(v []any) any {
	places := 0.0
	if len(v) == 2 {
		places, _ = toFloat(v[1])
	}
	n, ok := toFloat(v[0])
	return present(roundTo(n, int(places)), ok)
}

func roundTo(n float64, places int) float64 {
	scale := math.Pow10(places)
	if r := math.Round(n*scale) / scale; !math.IsInf(r, 0) && !math.IsNaN(r) {
		return r
	}
	return n
}

func toInt(v []any) any {
	if s, ok := v[0].(string); ok {
		n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		return present(int64(n), err == nil)
	}
	n, ok := toFloat(v[0])
	return present(int64(n), ok)
}

func left(v []any) any {
	s, ok := v[0].(string)
	n, _ := toFloat(v[1])
	runes := []rune(s)
	return present(string(runes[:max(0, min(int(n), len(runes)))]), ok)
}

func datePart(name string) func([]any) any {
	return func(v []any) any {
		t, ok := v[0].(time.Time)
		return present(partOf(t, name), ok)
	}
}

// partOf is a part of a date. Weeks begin on Sunday, and the first is that of January 1.
func partOf(t time.Time, name string) int64 {
	switch name {
	case "YEAR":
		return int64(t.Year())
	case "QUARTER":
		return int64(t.Month()+2) / 3
	case "MONTH":
		return int64(t.Month())
	case "WEEK":
		first := time.Date(t.Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
		return int64((t.YearDay()-1+int(first.Weekday()))/7 + 1)
	}
	return int64(t.Day())
}

// truncate cuts a time down to the beginning of a period.
func truncate(t time.Time, period string) time.Time {
	at := func(month time.Month, day int) time.Time {
		return time.Date(t.Year(), month, day, 0, 0, 0, 0, t.Location())
	}
	day := at(t.Month(), t.Day())
	switch period {
	case "YEARS":
		return at(time.January, 1)
	case "QUARTERS":
		return at((t.Month()-1)/3*3+1, 1)
	case "MONTHS":
		return at(t.Month(), 1)
	case "WEEKS":
		return day.AddDate(0, 0, -int(day.Weekday()))
	case "HOURS":
		return t.Truncate(time.Hour)
	case "MINUTES":
		return t.Truncate(time.Minute)
	}
	return day
}

// step moves the beginning of a period by some periods.
func step(t time.Time, period string, n int) time.Time {
	switch period {
	case "YEARS":
		return t.AddDate(n, 0, 0)
	case "QUARTERS":
		return t.AddDate(0, 3*n, 0)
	case "MONTHS":
		return t.AddDate(0, n, 0)
	case "WEEKS":
		return t.AddDate(0, 0, 7*n)
	case "HOURS":
		return t.Add(time.Duration(n) * time.Hour)
	case "MINUTES":
		return t.Add(time.Duration(n) * time.Minute)
	}
	return t.AddDate(0, 0, n)
}

func dateDiff(v []any) any {
	unit, _ := v[0].(string)
	from, okFrom := v[1].(time.Time)
	to, okTo := v[2].(time.Time)
	if !okFrom || !okTo {
		return nil
	}
	switch strings.ToLower(unit) {
	case "year":
		return int64(to.Year() - from.Year())
	case "month":
		return int64(12*(to.Year()-from.Year()) + int(to.Month()) - int(from.Month()))
	}
	return int64(truncate(to, "DAYS").Sub(truncate(from, "DAYS")) / (24 * time.Hour))
}

// sortedNames are the names of the functions, in order.
func sortedNames() []string { return slices.Sorted(maps.Keys(functions)) }
