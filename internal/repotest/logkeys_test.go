package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vitrine/test/harness"
)

// logCall is a key or a message that the program logs.
type logCall struct{ text, kind, place string }

var (
	attrKinds   = []string{"String", "Int", "Int64", "Uint64", "Float64", "Bool", "Time", "Duration", "Any", "Group"}
	loggerCalls = map[string]int{ // where the message is among the arguments
		"Debug": 0, "Info": 0, "Warn": 0, "Error": 0, "DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1, "LogAttrs": 2, "Log": 2,
	}
)

// loggedIn finds all keys and messages in a file.
func loggedIn(t *testing.T, file string) (keys, messages []logCall) {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		place := set.Position(call.Pos()).String()
		on, _ := f.X.(*ast.Ident)
		if on != nil && on.Name == "slog" && slices.Contains(attrKinds, f.Sel.Name) && len(call.Args) == 2 {
			if text, ok := literal(call.Args[0]); ok {
				keys = append(keys, logCall{text, f.Sel.Name, place})
			}
			return true
		}
		at, ok := loggerCalls[f.Sel.Name]
		if !ok || len(call.Args) <= at || !isLogger(f.X) {
			return true
		}
		if text, ok := literal(call.Args[at]); ok {
			messages = append(messages, logCall{text, f.Sel.Name, place})
		}
		for i := at + 1; i < len(call.Args); i += 2 {
			text, ok := literal(call.Args[i])
			if !ok {
				break // attributes
			}
			keys = append(keys, logCall{text, "Any", place})
		}
		return true
	})
	return keys, messages
}

// isLogger recognizes loggers by their names.
func isLogger(x ast.Expr) bool {
	name := ""
	switch x := x.(type) {
	case *ast.Ident:
		name = x.Name
	case *ast.SelectorExpr:
		name = x.Sel.Name
	}
	return slices.Contains([]string{"log", "logger", "Logger", "slog"}, name)
}

// literal is a text, or the literal that a sum of texts begins with.
func literal(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(x.Value)
		return text, err == nil && x.Kind == token.STRING
	case *ast.BinaryExpr:
		return literal(x.X)
	}
	return "", false
}

// Every key that the program logs is documented and has the form of all others, every message is
// documented, and durations are numbers of milliseconds under a name that says so.
func TestEveryLogKeyIsDocumented(t *testing.T) {
	t.Parallel()
	docs := harness.ReadFile(t, "docs/operators/monitoring.md") + harness.ReadFile(t, "docs/several-replicas.md") + harness.ReadFile(t, "docs/operators/audit.md")
	seen := 0
	for _, f := range goFiles(t) {
		if f.isTest() || slices.Contains([]string{"graph", "internal/tableausim", "internal/devidp"}, f.dir) {
			continue
		}
		keys, messages := loggedIn(t, filepath.Join(f.dir, f.name))
		for _, k := range keys {
			seen++
			name := k.text
			if k.kind == "Duration" {
				name += "Ms"
			}
			if !regexp.MustCompile(`^[a-z][a-zA-Z]*$`).MatchString(name) {
				t.Errorf("%s: the key %q is no camelCase", k.place, name)
			}
			if strings.HasSuffix(k.text, "Ms") && k.kind != "Float64" {
				t.Errorf("%s: %q is slog.%s: log a slog.Duration, without Ms", k.place, k.text, k.kind)
			}
			if !strings.Contains(docs, "`"+name+"`") {
				t.Errorf("%s: the key `%s` is not in docs/operators/monitoring.md", k.place, name)
			}
		}
		for _, m := range messages {
			seen++
			text, _, _ := strings.Cut(m.text, ":")
			words := strings.Fields(text)
			if begins := strings.Join(words[:min(len(words), 5)], " "); !strings.Contains(docs, strings.TrimRight(begins, ":,;")) {
				t.Errorf("%s: the message %q is not in docs/operators/monitoring.md", m.place, begins)
			}
		}
	}
	if seen < 80 {
		t.Errorf("only %d keys and messages were found: the test sees too little", seen)
	}
}
