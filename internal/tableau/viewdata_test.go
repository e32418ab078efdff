package tableau

import (
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// columnsOf describes columns: name, whether numeric, unit, numbers.
func columnsOf(t *ViewTable) []string {
	var all []string
	for _, c := range t.Columns {
		text := c.Name
		if c.Numeric {
			text += " " + c.Unit + ":"
			for _, row := range t.Rows {
				n, ok := c.Number(row[indexOf(t, c)])
				if !ok {
					n = math.NaN()
				}
				text += fmt.Sprintf(" %g", n)
			}
		}
		all = append(all, text)
	}
	return all
}

func indexOf(t *ViewTable, c *TableColumn) int {
	for i := range t.Columns {
		if t.Columns[i] == c {
			return i
		}
	}
	return -1
}

// A column is numeric where all its texts are numbers, read in the one way that the table allows.
func TestNumbersAreReadBeyondDoubtOrNotAtAll(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, language, csv, want string }{
		{"dollars prove the comma", "", "A\n\"$1,204\"\n\"$45,047\"", "A $: 1204 45047"},
		{"decimals prove the point for the others", "", "A,B\n14.4%,\"1,204\"\n3.0%,\"5,000\"", "A %: 14.4 3|B : 1204 5000"},
		{"decimals prove the comma for the others", "", "A,B\n\"14,4%\",1.204\n\"3,0%\",5.000", "A %: 14.4 3|B : 1204 5000"},
		{"nothing proves anything", "", "A\n\"1,204\"\n\"5,000\"", "A"},
		{"nothing proves anything, points", "", "A\n1.204\n5.000", "A"},
		{"a shorter number does", "", "A\n999\n\"1,204\"", "A : 999 1204"},
		{"a shorter number does, points", "", "A\n999\n1.204", "A : 999 1204"},
		{"two groups do", "", "A\n\"1,204,332\"\n\"5,000\"", "A : 1.204332e+06 5000"},
		{"the language decides", "de-DE", "A\n1.204\n5.000", "A : 1204 5000"},
		{"the language decides, English", "en", "A\n\"1,204\"\n\"5,000\"", "A : 1204 5000"},
		{"the table disagrees with itself", "", "A,B,C\n1.5,\"1,5\",1.204", "A : 1.5|B : 1.5|C"},
		{"negative in three ways", "", "A\n-$5\n$-5\n($5)", "A $: -5 -5 -5"},
		{"minus sign", "", "A\n−5.5", "A : -5.5"},
		{"euros behind", "", "A\n\"1.204,50 €\"\n\"3,00 €\"", "A €: 1204.5 3"},
		{"spaces group", "fr", "A\n1 204\n12 345 678", "A : 1204 1.2345678e+07"},
		{"two units", "", "A\n$5\n5%", "A"},
		{"a unit is missing once", "", "A\n$5\n6", "A"},
		{"empty ones aside", "", "A,B\n1,x\n,x\n3,x", "A : 1 NaN 3|B"},
		{"postal codes", "", "A\n01234\n99999", "A"},
		{"years", "", "A\n2025\n2026", "A : 2025 2026"},
		{"versions", "", "A\n1.2.3\n1.2.4", "A"},
		{"dates", "", "A\n1/2/2026\n2026-01-02", "A"},
		{"thousands by letter", "", "A\n5K\n6K", "A"},
		{"exponents", "", "A\n1.2E+06\n3e5", "A : 1.2e+06 300000"},
		{"infinite", "", "A\n1E+999", "A"},
		{"no texts at all", "", "A\n\"\"\n\"\"", "A"},
		{"wrong groups", "", "A\n\"12,34\"\n\"1,2345\"", "A : 12.34 1.2345"},
		{"words", "", "A\nWest\nNull", "A"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			table, err := readTable([]byte(c.csv), c.language)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(c.want, "|"), columnsOf(table)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTablesAreTakenApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, csv string
		columns   int
		rows      [][]string
	}{
		{"nothing", "", 0, nil},
		{"a header alone", "A,B\n", 2, nil},
		{"lines of Windows, and a byte order mark", "\uFEFFA,B\r\n1,\"x\r\ny\"\r\n", 2, [][]string{{"1", "x\r\ny"}}},
		{"quotes, commas, no end of line", "A,B\n\"say \"\"hi\"\"\",\"a,b\"", 2, [][]string{{`say "hi"`, "a,b"}}},
		{"one column with an empty text", "A\n\nx\n", 1, [][]string{{""}, {"x"}}},
		{"short and long lines", "A,B\n1\n1,2,3\n", 3, [][]string{{"1", "", ""}, {"1", "2", "3"}}},
		{"a comma at the end", "A,B\n1,", 2, [][]string{{"1", ""}}},
		{"a quote that never ends", "A\n\"x", 1, [][]string{{"x"}}},
		{"a quote inside", "A\nsix\" nails\n", 1, [][]string{{`six" nails`}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			table, err := readTable([]byte(c.csv), "")
			if err != nil || len(table.Columns) != c.columns {
				t.Fatalf("%d columns, %v", len(table.Columns), err)
			}
			if diff := cmp.Diff(c.rows, table.Rows); diff != "" && len(c.rows)+len(table.Rows) > 0 {
				t.Error(diff)
			}
		})
	}
}

// Whatever the standard library writes is read back.
func TestTablesAreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 4).Draw(t, "width")
		text := rapid.StringMatching(`[a-z",\n €0-9.]{0,6}`)
		lines := rapid.SliceOfN(rapid.SliceOfN(text, width, width), 1, 6).Draw(t, "lines")
		var b strings.Builder
		w := csv.NewWriter(&b)
		if err := w.WriteAll(lines); err != nil {
			t.Fatal(err)
		}
		got, err := readCSV(b.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lines, got); diff != "" {
			t.Errorf("%q\n%s", b.String(), diff)
		}
	})
}

func TestRecordedDataIsRead(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("VITRINE_RECORDED names no directory of recorded answers")
	}
	text, err := os.ReadFile(filepath.Join(dir, "tsc", "populate_csv.csv"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := readTable(text, "")
	if err != nil || len(table.Columns) == 0 || len(table.Rows) == 0 {
		t.Fatalf("%+v %v", table, err)
	}
	numeric := 0
	for _, c := range table.Columns {
		if c.Numeric {
			numeric++
		}
	}
	if numeric == 0 {
		t.Errorf("no column of %v is numeric: %v", columnsOf(table), table.Rows[0])
	}
}

func TestViewsWithoutDataAreEmptyTables(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return code(400, "400083") })
	table, err := u.client(t).Session(t.Context(), &freshSource{}).ViewTable(t.Context(), &Export{Kind: ViewCSV, LUID: "x"})
	if err != nil || len(table.Columns)+len(table.Rows) != 0 {
		t.Errorf("%+v %v", table, err)
	}
}

// The same table is read and taken apart once in an operation.
func TestTablesAreReadOnce(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return reply{media: "text/csv", body: "A\n1\n"} })
	s := u.client(t).Session(t.Context(), &freshSource{})
	for range 3 {
		if _, err := s.ViewTable(t.Context(), &Export{Kind: ViewCSV, LUID: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := u.count("data"); n != 1 {
		t.Errorf("%d reads", n)
	}
}

func TestTablesThatAreTooLargeAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := readCSV(strings.Repeat(",", maxCells+10)); err == nil {
		t.Error("a table of too many values was taken apart")
	}
	u := serve(t, func(*http.Request) reply { return reply{media: "text/csv", body: strings.Repeat("x", maxTableBytes+1)} })
	if _, err := u.client(t).Session(t.Context(), &freshSource{}).ViewTable(t.Context(), &Export{Kind: ViewCSV, LUID: "x"}); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("%v", err)
	}
}

func FuzzReadTable(f *testing.F) {
	f.Add("A,B\n1,2\n", "")
	f.Add("A\n\"1,204\"\n", "de")
	f.Fuzz(func(t *testing.T, text, language string) {
		if !languages.MatchString(language) {
			language = ""
		}
		table, err := readTable([]byte(text), language)
		if err != nil {
			return
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Fatalf("%d texts for %d columns", len(row), len(table.Columns))
			}
		}
		for i, c := range table.Columns {
			for _, row := range table.Rows {
				if n, ok := c.Number(row[i]); c.Numeric && !ok && trimSpace(row[i]) != "" || math.IsInf(n, 0) || math.IsNaN(n) {
					t.Fatalf("%q of a numeric column is %v %t", row[i], n, ok)
				}
			}
		}
	})
}
