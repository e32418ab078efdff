package repotest

import (
	"os"
	"strings"
	"testing"
)

// TestExplainedMutantsAreThere holds that docs/mutants.md explains lines that exist: a line that
// changes has to be looked at again.
func TestExplainedMutantsAreThere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/mutants.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for row := range strings.Lines(string(text)) {
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(row), `\|`, "\x00"), "|")
		if len(cells) != 6 || !strings.Contains(cells[1], "`") {
			continue
		}
		rows++
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(strings.Trim(strings.TrimSpace(c), "`"), "\x00", "|")
		}
		source, err := os.ReadFile(cells[1])
		if err != nil {
			t.Error(err)
			continue
		}
		found := false
		for line := range strings.Lines(string(source)) {
			found = found || strings.TrimSpace(line) == cells[2]
		}
		if !found || len(cells[4]) < 10 {
			t.Errorf("%s has no line %q, or it is not explained: take the row out of docs/mutants.md, or fix it", cells[1], cells[2])
		}
	}
	if rows == 0 {
		t.Error("docs/mutants.md has no rows that can be read")
	}
}
