package repotest

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"vitrine/test/harness"
)

// left lists how many findings each directory may still have. The counts only go down: the goal
// is an empty file.
const left = "internal/repotest/testdata/words-left.txt"

// finding is one forbidden word, phrase or sentence.
type finding struct {
	kind string // identifier, phrase or sentence
	file string // path from the root, with slashes
	line int
	text string // what was found, and what to write instead
}

// TestWords keeps private names out of the code, private phrases out of all text that people
// read, and overlong sentences out of the documents. See words_table_test.go for the words.
//
// A directory may not exceed its count in testdata/words-left.txt. After a change that lowers
// counts, or moves files, run
//
//	go test ./internal/repotest -run TestWords -update
func TestWords(t *testing.T) {
	t.Parallel()
	found := findings(t)
	allowed := readLeft(t)
	counts := map[string]int{}
	totals := map[string]int{}
	for _, f := range found {
		counts[f.key()]++
		totals[f.kind]++
	}
	if *harness.Update {
		writeLeft(t, counts, totals, allowed)
		return
	}
	for _, f := range found {
		if counts[f.key()] > allowed[f.key()] {
			t.Errorf("%s:%d: %s: %s", f.file, f.line, f.kind, f.text)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		if counts[key] > allowed[key] {
			t.Errorf("%s: %d findings, %d allowed: see above; if files moved, run with -update", key, counts[key], allowed[key])
		}
	}
}

func (f finding) key() string { return f.kind + " " + filepath.ToSlash(filepath.Dir(f.file)) }

// findings reads the repository. Generated files, vendored packages and test data are left out.
func findings(t *testing.T) []finding {
	t.Helper()
	const root = "." // see TestMain
	var found []finding
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path) // a path below root always has one
		name = filepath.ToSlash(name)
		if entry.IsDir() {
			if slices.Contains(skippedDirs, name) || slices.Contains(skippedNames, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasPrefix(entry.Name(), "words_") { // these name the words
			return nil
		}
		kind := kindOf(entry.Name())
		if kind == "" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if kind == "go" {
			found = append(found, inGo(t, name, text)...)
			return nil
		}
		found = append(found, inText(name, kind, 1, string(text))...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// kindOf returns how a file is read: go, md, graphqls, text or, for what is not read, "".
func kindOf(name string) string {
	switch ext := filepath.Ext(name); ext {
	case ".go", ".md", ".graphqls":
		return ext[1:]
	case ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".sh", ".yml", ".yaml":
		return "text"
	}
	if name == "Makefile" || name == "steps" || name == "build" || name == "run" || name == "secrets" {
		return "text"
	}
	return ""
}

// inGo looks at declared names, comments and strings.
func inGo(t *testing.T, name string, text []byte) []finding {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := badName(name, 1, strings.TrimSuffix(strings.TrimSuffix(filepath.Base(name), ".go"), "_test"))
	for _, id := range declared(file) {
		found = append(found, badName(name, fset.Position(id.Pos()).Line, id.Name)...)
	}
	return append(found, inTokens(name, text)...)
}

// inTokens looks at comments and strings. Comments on adjoining lines are one text, because
// phrases wrap.
func inTokens(name string, text []byte) []finding {
	fset := token.NewFileSet()
	tokens := fset.AddFile(name, -1, len(text))
	var scan scanner.Scanner
	scan.Init(tokens, text, nil, scanner.ScanComments)
	var found []finding
	var block strings.Builder
	first, last := 0, 0
	flush := func() {
		found = append(found, inText(name, "go", first, block.String())...)
		block.Reset()
	}
	for {
		pos, tok, literal := scan.Scan()
		line := tokens.Line(pos)
		switch tok {
		case token.COMMENT:
			if block.Len() > 0 && line > last+1 {
				flush()
			}
			if block.Len() == 0 {
				first = line
			}
			block.WriteString(literal + "\n")
			last = line + strings.Count(literal, "\n")
		case token.STRING:
			found = append(found, inText(name, "go", line, literal)...)
		case token.EOF:
			flush()
			return found
		}
	}
}

// declared returns the names that a file declares: types, functions, variables, constants,
// fields and parameters.
func declared(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncDecl:
			names = append(names, node.Name)
		case *ast.TypeSpec:
			names = append(names, node.Name)
		case *ast.Field:
			names = append(names, node.Names...)
		case *ast.ValueSpec:
			names = append(names, node.Names...)
		case *ast.AssignStmt:
			if node.Tok != token.DEFINE {
				break
			}
			for _, expr := range node.Lhs {
				if id, ok := expr.(*ast.Ident); ok {
					names = append(names, id)
				}
			}
		}
		return true
	})
	return names
}

// badName looks a declared name, or a file's, up in the tables.
func badName(file string, line int, name string) []finding {
	for _, w := range wholeNames {
		if name == w.name && (w.below == "" || strings.HasPrefix(file, w.below)) {
			return []finding{{"identifier", file, line, fmt.Sprintf("%s: say %s", name, w.say)}}
		}
	}
	isTest := slices.ContainsFunc([]string{"Test", "Benchmark", "Fuzz"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	for _, part := range camel(name) {
		if say, bad := nameParts[part]; bad && !(isTest && part == "told") {
			return []finding{{"identifier", file, line, fmt.Sprintf("%s has the word %s: say %s", name, part, say)}}
		}
	}
	return nil
}

// camel splits a name into its words, in lower case.
func camel(name string) []string {
	var words []string
	start := 0
	runes := []rune(name)
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || runes[i] == '_' || unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1]) {
			words = append(words, strings.ToLower(strings.Trim(string(runes[start:i]), "_")))
			start = i
		}
	}
	return words
}

// inText looks for phrases and, in documents and descriptions, for overlong sentences.
func inText(file, kind string, line int, text string) []finding {
	var found []finding
	flat := lineStart.ReplaceAllStringFunc(text, func(s string) string { return "\n" + strings.Repeat(" ", len(s)-1) })
	for _, p := range phrases {
		for _, at := range p.pattern.FindAllStringIndex(flat, -1) {
			if p.except != nil && p.except.MatchString(flat[at[0]:min(len(flat), at[1]+12)]) {
				continue
			}
			found = append(found, finding{
				"phrase", file, line + strings.Count(flat[:at[0]], "\n"),
				fmt.Sprintf("%q: say %s", strings.Join(strings.Fields(flat[at[0]:at[1]]), " "), p.say),
			})
		}
	}
	var parts []paragraph
	switch kind {
	case "md":
		parts = markdownParagraphs(text)
	case "graphqls":
		parts = descriptions(text)
	}
	for _, part := range parts {
		for _, sentence := range sentences(part.text) {
			if n := len(strings.Fields(sentence)); n > maxWords {
				found = append(found, finding{
					"sentence", file, line + part.line - 1,
					fmt.Sprintf("%d words, %d are allowed: %.80s...", n, maxWords, sentence),
				})
			}
		}
	}
	return found
}

// lineStart is what a line of a comment, of a list or of a quotation begins with.
var lineStart = regexp.MustCompile(`\n[ \t]*(//|#|\*|>|-)?[ \t]*`)

// paragraph is text with the line that it starts on.
type paragraph struct {
	text string
	line int
}

var (
	listItem = regexp.MustCompile(`^\s*([-*]|\d+\.)\s`)
	target   = regexp.MustCompile(`\]\([^)]*\)`)
	code     = regexp.MustCompile("`[^`]*`")
)

// markdownParagraphs returns paragraphs, items of lists and cells of tables; code is left out.
func markdownParagraphs(text string) []paragraph {
	var parts []paragraph
	fenced, open := false, false
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			fenced, open = !fenced, false
		case fenced:
		case trimmed == "", strings.HasPrefix(trimmed, "#"), strings.HasPrefix(trimmed, "<!--"):
			open = false
		case strings.HasPrefix(trimmed, "|"):
			for cell := range strings.SplitSeq(code.ReplaceAllString(trimmed, "code"), "|") {
				parts = append(parts, paragraph{cell, i + 1})
			}
			open = false
		case !open || listItem.MatchString(line):
			parts = append(parts, paragraph{trimmed, i + 1})
			open = true
		default:
			parts[len(parts)-1].text += " " + trimmed
		}
	}
	for i := range parts {
		parts[i].text = target.ReplaceAllString(code.ReplaceAllString(parts[i].text, "code"), "]")
	}
	return parts
}

var description = regexp.MustCompile(`(?s)"""(.*?)"""|"((?:[^"\\\n]|\\.)*)"`)

// descriptions returns the strings of a schema.
func descriptions(text string) []paragraph {
	var parts []paragraph
	for _, at := range description.FindAllStringSubmatchIndex(text, -1) {
		start, end := at[2], at[3]
		if start < 0 {
			start, end = at[4], at[5]
		}
		parts = append(parts, paragraph{strings.Join(strings.Fields(text[start:end]), " "), 1 + strings.Count(text[:start], "\n")})
	}
	return parts
}

// sentenceEnd is a full stop, a question mark, an exclamation mark, a colon or a semicolon.
var sentenceEnd = regexp.MustCompile(`[.!?:;]['")*]*\s`)

func sentences(text string) []string { return sentenceEnd.Split(text, -1) }

// readLeft reads lines of a kind, a directory and a count.
func readLeft(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile(left)
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]int{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndex(line, " ")
		n, err := strconv.Atoi(line[at+1:])
		if err != nil || at < 0 {
			t.Fatalf("%s: %q is no kind, directory and count", left, line)
		}
		allowed[line[:at]] = n
	}
	return allowed
}

// writeLeft writes the counts, unless a total rises: then a word came in and the list must not
// hide it.
func writeLeft(t *testing.T, counts, totals, allowed map[string]int) {
	t.Helper()
	before := map[string]int{}
	for key, n := range allowed {
		kind, _, _ := strings.Cut(key, " ")
		before[kind] += n
	}
	for _, kind := range slices.Sorted(maps.Keys(totals)) {
		if totals[kind] > before[kind] {
			t.Errorf("%s: %d findings, %d before: the list only gets shorter. Run without -update to see them", kind, totals[kind], before[kind])
		}
	}
	if t.Failed() {
		return
	}
	var out bytes.Buffer
	out.WriteString("# What is left of the words in words_table_test.go: kind, directory, count. Counts only go down.\n")
	keys := slices.SortedFunc(maps.Keys(counts), cmp.Compare[string])
	for _, key := range keys {
		fmt.Fprintf(&out, "%s %d\n", key, counts[key])
	}
	if err := os.WriteFile(left, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestWordsAreFound checks the finders with one example of each kind.
func TestWordsAreFound(t *testing.T) {
	t.Parallel()
	source := "package p\n\n// x lies in\n// a table, and it stands\n// here.\nvar recallTime, laneless, x = 1, 2, \"is told\"\n\ntype shelf struct{ bag int }\n"
	var got []string
	for _, f := range inGo(t, "internal/p/p.go", []byte(source)) {
		got = append(got, fmt.Sprintf("%s %d", f.kind, f.line))
	}
	slices.Sort(got)
	want := []string{"identifier 6", "identifier 8", "identifier 8", "phrase 3", "phrase 4", "phrase 6"}
	if !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	long := strings.Repeat("word ", maxWords+1) + "end.\n"
	for _, test := range []struct {
		kind, text string
		want       int
	}{
		{"md", long, 1},
		{"md", "```\n" + long + "```\n", 0},
		{"md", "| a | " + strings.TrimSpace(long) + " |\n", 1},
		{"md", strings.Repeat("word ", maxWords) + "end. Next.\n", 1},
		{"md", strings.Repeat("word ", maxWords-1) + "end. Next sentence here.\n", 0},
		{"graphqls", "\"\"\"\n" + long + "\"\"\"\ntype T { f: Int }\n", 1},
		{"text", long, 0},
		{"text", "The stand-in stands for Tableau.", 0},
	} {
		if got := len(inText("f", test.kind, 1, test.text)); got != test.want {
			t.Errorf("%s %.30q: %d findings, want %d", test.kind, test.text, got, test.want)
		}
	}
}
