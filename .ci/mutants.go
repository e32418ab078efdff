// Mutants reads the report of a mutation test (gremlins, JSON), prints how many mutants the tests
// kill, and lists those that live with the line they change. Gremlins does not try what the
// coverage profile lacks, and Go's profile lacks the conditions of a switch: those are tried here,
// in the copy. A mutant that docs/mutants.md explains is counted apart.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// report is the part of gremlins' report that counts here.
type report struct {
	Files []struct {
		Name      string `json:"file_name"`
		Mutations []struct {
			Type, Status string
			Line, Column int
		}
	}
}

func main() {
	file := flag.String("report", "build/mutants.json", "report of gremlins")
	directory := flag.String("package", ".", "directory of the package")
	copied := flag.String("copy", "", "copy of the repository, to try in it what gremlins did not")
	explained := flag.String("explained", "docs/mutants.md", "mutants that no test can kill, and why")
	flag.Parse()
	if err := run(*file, *directory, *copied, *explained); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(file, directory, copied, explained string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	known, err := readExplained(explained)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for _, f := range r.Files {
		path := filepath.Join(directory, filepath.Base(f.Name))
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines := strings.Split(string(source), "\n")
		for _, m := range f.Mutations {
			line := strings.TrimSpace(lines[m.Line-1])
			status := m.Status
			if status == "NOT COVERED" && copied != "" {
				status = try(copied, directory, filepath.Base(f.Name), m.Type, m.Line, m.Column)
			}
			if known[key(path, line, m.Type)] && (status == "LIVED" || status == "NOT COVERED") {
				status = "EXPLAINED"
			}
			counts[status]++
			if status == "LIVED" || status == "NOT COVERED" || status == "TIMED OUT" {
				fmt.Printf("%-11s %-21s %s:%d:%d  %s\n", status, m.Type, path, m.Line, m.Column, line)
			}
		}
	}
	killed := counts["KILLED"] + counts["TIMED OUT"] // a test that no longer ends has noticed
	left := counts["LIVED"] + counts["NOT COVERED"]
	fmt.Printf("%s: %d killed (%d of them by a test that no longer ends), %d lived, %d not covered, %d explained in %s, %d not viable\n",
		directory, killed, counts["TIMED OUT"], counts["LIVED"], counts["NOT COVERED"], counts["EXPLAINED"], explained, counts["NOT VIABLE"])
	if killed+left > 0 {
		fmt.Printf("%s: %.1f %% killed; %.1f %% with those that are explained counted as alive\n", directory,
			100*float64(killed)/float64(killed+left), 100*float64(killed)/float64(killed+left+counts["EXPLAINED"]))
	}
	return nil
}

// mutations are what gremlins makes of an operator, by kind.
var mutations = map[string][][2]string{
	"ARITHMETIC_BASE":       {{"+", "-"}, {"-", "+"}, {"*", "/"}, {"/", "*"}, {"%", "*"}},
	"CONDITIONALS_BOUNDARY": {{"<=", "<"}, {">=", ">"}, {"<", "<="}, {">", ">="}},
	"CONDITIONALS_NEGATION": {{"==", "!="}, {"!=", "=="}, {"<=", ">"}, {">=", "<"}, {"<", ">="}, {">", "<="}},
	"INCREMENT_DECREMENT":   {{"++", "--"}, {"--", "++"}},
	"INVERT_NEGATIVES":      {{"-", "+"}},
}

// try changes one operator in the copy, runs the tests of the package and changes it back. It
// returns the status of the mutant.
func try(copied, directory, name, kind string, line, column int) string {
	path := filepath.Join(copied, directory, name)
	source, err := os.ReadFile(path)
	if err != nil {
		return "NOT COVERED"
	}
	at := column - 1
	for i, n := 0, 1; n < line; i++ {
		if source[i] == '\n' {
			n++
			at = i + column
		}
	}
	for _, m := range mutations[kind] {
		if !strings.HasPrefix(string(source[at:]), m[0]) {
			continue
		}
		changed := string(source[:at]) + m[1] + string(source[at+len(m[0]):])
		if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
			return "NOT COVERED"
		}
		defer func() { _ = os.WriteFile(path, source, 0o600) }()
		test := exec.Command("go", "test", "-failfast", "./"+filepath.ToSlash(directory))
		test.Dir = copied
		if err := test.Run(); err != nil {
			return "KILLED"
		}
		return "LIVED"
	}
	return "NOT COVERED"
}

// readExplained reads the rows of the table: file, source line, kind of mutation, and the reason.
func readExplained(file string) (map[string]bool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for row := range strings.Lines(string(text)) {
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(row), `\|`, "\x00"), "|")
		if len(cells) != 6 || strings.HasPrefix(cells[1], "-") {
			continue
		}
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(strings.Trim(strings.TrimSpace(c), "`"), "\x00", "|")
		}
		for _, kind := range strings.Fields(cells[3]) {
			known[key(cells[1], cells[2], kind)] = true
		}
	}
	return known, nil
}

func key(path, line, kind string) string { return path + "\x00" + line + "\x00" + kind }
