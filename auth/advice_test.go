package auth

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestEveryRefusalSaysWhatToDo walks the calls that refuse a token: each message says what to do,
// or there is advice for it; and all advice is for a message that exists.
func TestEveryRefusalSaysWhatToDo(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set, found := gotoken.NewFileSet(), map[string]bool{}
	each := func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		name, _ := call.Fun.(*ast.Ident)
		if name == nil || name.Name != "refuse" && name.Name != "forbid" {
			return true
		}
		format := text(t, call.Args[0])
		found[format] = true
		if advice[format] == "" && !strings.Contains(format, "; ") && !strings.Contains(format, ": have ") {
			t.Errorf("%s: %q does not say what to do, and has no advice", set.Position(call.Pos()), format)
		}
		return true
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, each)
	}
	for format := range advice {
		if !found[format] {
			t.Errorf("advice for a message that does not exist: %q", format)
		}
	}
	if len(found) < 30 {
		t.Errorf("only %d refusals found", len(found))
	}
	if e := refuse("The token's claim %s is not a time.", "exp"); e.Advice() != askProvider {
		t.Errorf("advice %q", e.Advice())
	}
}

// text is a string literal, or a sum of them.
func text(t *testing.T, e ast.Expr) string {
	t.Helper()
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return text(t, e.X) + text(t, e.Y)
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Fatalf("a refusal whose message is not a literal: %T", e)
	return ""
}
