package tableau

import (
	"bytes"
	"context"
	"strings"
)

// ViewTable is what a view shows as summary data: texts as Tableau formats them.
type ViewTable struct {
	Columns []*TableColumn
	Rows    [][]string // each has a text for each column
}

// TableColumn is a column of a table.
type TableColumn struct {
	Name    string
	Numeric bool   // all texts, empty ones aside, are numbers beyond doubt
	Unit    string // that all of them carry, such as $ or %; empty for none
	style   style
}

// Number reads a text of the column; ok is false for an empty one, and for any where the column is
// not numeric.
func (c *TableColumn) Number(text string) (n float64, ok bool) {
	if !c.Numeric {
		return 0, false
	}
	x, ok := readNumber(text)
	if !ok {
		return 0, false
	}
	return x.value(c.style)
}

// Bounds of a table that is taken apart: a CSV of more is for those who read files.
const (
	maxTableBytes = 16 << 20
	maxCells      = 2_000_000
)

// noData are codes of Tableau's for a view that has no data.
var noData = []string{"400083"}

// ViewTable reads summary data, a CSV, as columns and rows. A view without data is an empty table.
// Tables of one operation are read once. GET views/{id}/data.
func (s *Session) ViewTable(ctx context.Context, x *Export) (*ViewTable, error) {
	r, err := x.read()
	if err != nil {
		return nil, err
	}
	v, _, err := s.work.Do(ctx, "table "+r.Key(), func() (any, error) {
		text, err := s.Bytes(ctx, x, maxTableBytes)
		if HasCode(err, noData...) {
			return &ViewTable{}, nil
		}
		if err != nil {
			return nil, err
		}
		language := ""
		if x.Options != nil && x.Options.Language != nil {
			language = *x.Options.Language
		}
		return readTable(text, language)
	})
	if err != nil {
		return nil, err
	}
	return v.(*ViewTable), nil
}

// readTable takes a CSV apart: captions, then rows.
func readTable(text []byte, language string) (*ViewTable, error) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	lines, err := readCSV(strings.ToValidUTF8(string(text), "\uFFFD"))
	if err != nil || len(lines) == 0 {
		return &ViewTable{}, err
	}
	t := &ViewTable{Rows: lines[1:]}
	width := 0
	for _, line := range lines {
		width = max(width, len(line))
	}
	for i := range width {
		c := &TableColumn{}
		if i < len(lines[0]) {
			c.Name = lines[0][i]
		}
		t.Columns = append(t.Columns, c)
	}
	for i, row := range t.Rows {
		for len(row) < width {
			row = append(row, "")
		}
		t.Rows[i] = row
	}
	t.findNumbers(language)
	return t, nil
}

// readCSV takes lines of RFC 4180 apart, and forgives a quote where none belongs. A line that is
// empty is a row with an empty text, as where the only column has no value; the end of the last
// line begins no other.
func readCSV(text string) ([][]string, error) {
	var lines [][]string
	var line []string
	for cells := 0; text != ""; {
		var field, end string
		field, end, text = cutField(text)
		line = append(line, field)
		if cells++; cells > maxCells {
			return nil, &TooLargeError{Most: maxTableBytes}
		}
		if end != "," {
			lines = append(lines, line)
			line = make([]string, 0, len(line))
		} else if text == "" { // the text ends behind a comma
			lines = append(lines, append(line, ""))
		}
	}
	return lines, nil
}

// cutField cuts the first field off: end is what ended it, a comma, the end of a line, or nothing.
func cutField(text string) (field, end, rest string) {
	if !strings.HasPrefix(text, `"`) {
		return cutPlain(text)
	}
	var parts []string
	for rest = text[1:]; ; rest = rest[1:] {
		i := strings.IndexByte(rest, '"')
		if i < 0 { // it never ends
			return strings.Join(append(parts, rest), ""), "", ""
		}
		parts, rest = append(parts, rest[:i]), rest[i+1:]
		if !strings.HasPrefix(rest, `"`) {
			break
		}
		parts = append(parts, `"`)
	}
	tail, end, rest := cutPlain(rest) // what follows the quote belongs to it
	if len(parts) == 1 && tail == "" {
		return parts[0], end, rest
	}
	return strings.Join(append(parts, tail), ""), end, rest
}

func cutPlain(text string) (field, end, rest string) {
	i := strings.IndexAny(text, ",\n")
	if i < 0 {
		return strings.TrimSuffix(text, "\r"), "", ""
	}
	field, end, rest = text[:i], text[i:i+1], text[i+1:]
	if end == "\n" {
		field = strings.TrimSuffix(field, "\r")
	}
	return field, end, rest
}
