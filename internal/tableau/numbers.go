package tableau

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Tableau writes numbers for people, in the language of the workbook or of the reader: 1,204.5 or
// 1.204,5. The style is found from the table as a whole: a wrong number is worse than no number.

// style is how the numbers of a table are written.
type style uint8

const (
	unknownStyle style = iota
	pointStyle         // 1,204.5
	commaStyle         // 1.204,5
)

// number is a text that can be a number.
type number struct {
	negative bool
	unit     string
	prefix   bool   // the unit is in front
	digits   string // with separators: 1,204.5
	exponent string // E+06
}

// readNumber splits a text into the parts of a number. A text with a leading zero, such as a postal
// code, is not a number.
func readNumber(text string) (number, bool) {
	var n number
	s := trimSpace(text)
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") { // as accountants write it
		n.negative, s = true, s[1:len(s)-1]
	}
	for range 2 { // a sign and a unit, in either order
		s = n.cutSign(s)
		s = n.cutUnit(s)
	}
	if i := strings.IndexAny(s, "Ee"); i > 0 {
		n.exponent = s[i:]
		if _, err := strconv.Atoi(n.exponent[1:]); err != nil || len(n.exponent) > 5 {
			return n, false
		}
		s = s[:i]
	}
	n.digits = s
	return n, plausible(s)
}

func trimSpace(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }

func (n *number) cutSign(s string) string {
	for _, sign := range []string{"-", "−"} {
		if rest, ok := strings.CutPrefix(s, sign); ok && !n.negative {
			n.negative = true
			return trimSpace(rest)
		}
	}
	return s
}

func (n *number) cutUnit(s string) string {
	if n.unit != "" || s == "" {
		return s
	}
	runes := []rune(s)
	first, last := runes[0], runes[len(runes)-1]
	switch {
	case unicode.Is(unicode.Sc, first):
		n.unit, n.prefix = string(first), true
		return trimSpace(string(runes[1:]))
	case last == '%' || unicode.Is(unicode.Sc, last):
		n.unit = string(last)
		return trimSpace(string(runes[:len(runes)-1]))
	}
	return s
}

// plausible says that a text has digits and separators between them, and nothing else.
func plausible(s string) bool {
	if s == "" || len(s) > 40 || !digit(s[len(s)-1]) || !digit(s[0]) && s[0] != '.' && s[0] != ',' {
		return false
	}
	for _, r := range s {
		if !(r >= '0' && r <= '9') && !strings.ContainsRune(".,'’\u00a0\u202f ", r) {
			return false
		}
	}
	return len(s) < 2 || s[0] != '0' || !digit(s[1])
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

// value reads the digits in a style; ok is false where they are not written in it.
func (n number) value(s style) (v float64, ok bool) {
	group, point := ',', '.'
	if s == commaStyle {
		group, point = '.', ','
	}
	whole, fraction, hasFraction := strings.Cut(n.digits, string(point))
	if hasFraction && (fraction == "" || strings.Trim(fraction, "0123456789") != "") {
		return 0, false
	}
	parts := strings.FieldsFunc(whole, func(r rune) bool { return r == group || strings.ContainsRune("'’\u00a0\u202f ", r) })
	if !grouped(whole, parts) {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.Join(parts, "")+"."+fraction+"0"+n.exponent, 64)
	if err != nil {
		return 0, false
	}
	if n.negative {
		v = -v
	}
	return v, true
}

// grouped says that parts are groups of thousands, with one separator between each two.
func grouped(whole string, parts []string) bool {
	separators, seen := 0, rune(0)
	for _, r := range whole {
		if r >= '0' && r <= '9' {
			continue
		}
		separators++
		if seen != 0 && seen != r {
			return false
		}
		seen = r
	}
	if separators > 0 && separators != len(parts)-1 {
		return false
	}
	for i, p := range parts {
		if strings.Trim(p, "0123456789") != "" || len(parts) > 1 && (i > 0 && len(p) != 3 || len(p) > 3) {
			return false
		}
	}
	return true
}

// evidence is the style that a number proves: one that reads in one style only, or dollars with a
// group.
func (n number) evidence() style {
	_, point := n.value(pointStyle)
	_, comma := n.value(commaStyle)
	switch {
	case point && !comma:
		return pointStyle
	case comma && !point:
		return commaStyle
	case n.prefix && strings.ContainsAny(n.unit, "$£¥") && strings.Contains(n.digits, ","):
		return pointStyle // if these are in front, nobody writes three decimals behind a comma
	}
	return unknownStyle
}

// ambiguous says that it reads in both styles, and as another number.
func (n number) ambiguous() bool {
	a, point := n.value(pointStyle)
	b, comma := n.value(commaStyle)
	return point && comma && a != b
}

// commaLanguages write a comma before decimals.
var commaLanguages = []string{
	"bg", "ca", "cs", "da", "de", "el", "es", "et", "fi", "fr", "hr", "hu", "id", "is", "it", "lt", "lv", "nb", "nl", "nn", "no", "pl", "pt",
	"ro", "ru", "sk", "sl", "sr", "sv", "tr", "uk", "vi",
}

// findNumbers finds the columns that are numbers beyond doubt. The numbers of the table prove its
// style. If they prove none, it is the style of the requested language. If they disagree, or
// nothing is known, columns that could be read in two ways are not numbers.
func (t *ViewTable) findNumbers(language string) {
	columns := make([][]number, len(t.Columns))
	proven := map[style]bool{}
	for i := range t.Columns {
		columns[i] = t.numbersOf(i)
		for _, s := range proofs(columns[i]) {
			proven[s] = true
		}
	}
	whole := unknownStyle
	switch {
	case proven[pointStyle] && proven[commaStyle]:
	case proven[pointStyle]:
		whole = pointStyle
	case proven[commaStyle]:
		whole = commaStyle
	case language != "":
		whole = pointStyle
		if slices.Contains(commaLanguages, strings.ToLower(language[:2])) {
			whole = commaStyle
		}
	}
	for i, c := range t.Columns {
		c.decide(columns[i], whole)
	}
}

// numbersOf returns the numbers of a column; nil if a text is not a number, or if there are no
// numbers.
func (t *ViewTable) numbersOf(column int) []number {
	var numbers []number
	for _, row := range t.Rows {
		if trimSpace(row[column]) == "" {
			continue
		}
		n, ok := readNumber(row[column])
		if !ok || len(numbers) > 0 && n.unit != numbers[0].unit {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// proofs are the styles that the numbers of a column prove, each for itself or all together:
// decimals are as many in the whole of a column, so 999 beside 1,204 is no decimal.
func proofs(numbers []number) []style {
	var found []style
	plain, point, comma := false, false, false
	for _, n := range numbers {
		if s := n.evidence(); s != unknownStyle && !slices.Contains(found, s) {
			found = append(found, s)
		}
		plain = plain || !strings.ContainsAny(n.digits, ".,")
		point = point || n.ambiguous() && strings.Contains(n.digits, ".")
		comma = comma || n.ambiguous() && strings.Contains(n.digits, ",")
	}
	if plain && comma && !point {
		found = append(found, pointStyle)
	}
	if plain && point && !comma {
		found = append(found, commaStyle)
	}
	return found
}

// decide makes a column numeric if all its numbers read in the style.
func (c *TableColumn) decide(numbers []number, s style) {
	if len(numbers) == 0 {
		return
	}
	if s == unknownStyle && slices.ContainsFunc(numbers, number.ambiguous) {
		return
	}
	styles := []style{s}
	if s == unknownStyle {
		styles = []style{pointStyle, commaStyle}
	}
	for _, s := range styles {
		if !slices.ContainsFunc(numbers, func(n number) bool { _, ok := n.value(s); return !ok }) {
			c.Numeric, c.Unit, c.style = true, numbers[0].unit, s
			return
		}
	}
}
