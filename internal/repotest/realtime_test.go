package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// waits are the ways to wait for, or to be limited by, a clock.
var waits = map[string]bool{
	"time.Sleep": true, "time.After": true, "time.AfterFunc": true, "time.NewTimer": true, "time.NewTicker": true, "time.Tick": true,
	"context.WithTimeout": true, "context.WithDeadline": true, "context.WithTimeoutCause": true, "context.WithDeadlineCause": true,
	"time.Since": true, "SetDeadline": true, "SetReadDeadline": true, "SetWriteDeadline": true,
}

// waitReason is what a comment says of a wait outside testing/synctest: that its clock is
// nevertheless a bubble's, or why real time is right there and cannot fail on a slow machine.
var waitReason = regexp.MustCompile(`// .*(real time: \S+ \S+|of the bubble's clock)`)

// TestNoTestWaitsForRealTime holds that no test counts on how fast the machine is. A wait outside
// testing/synctest gives its reason in a comment on its line or on the one above. The test's own
// limit (go test -timeout) ends what hangs, and prints where.
func TestNoTestWaitsForRealTime(t *testing.T) {
	t.Parallel()
	seen := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "build" || entry.Name() == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		seen++
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, line := range unexplainedWaits(fset, file) {
			t.Errorf("%s:%d: a wait for real time: use testing/synctest or an injected clock, or wait for the event itself without a limit; "+
				"where real time is right, say why in a comment: // real time: REASON", path, line)
		}
		return nil
	})
	if err != nil || seen < 100 {
		t.Errorf("%d files: %v", seen, err)
	}
}

// unexplainedWaits returns the lines of waits outside a bubble that give no reason.
func unexplainedWaits(fset *token.FileSet, file *ast.File) []int {
	explained := map[int]bool{}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if line := fset.Position(c.Pos()).Line; waitReason.MatchString(c.Text) {
				explained[line], explained[fset.Position(group.End()).Line+1] = true, true
			}
		}
	}
	var lines []int
	ast.Inspect(file, func(n ast.Node) bool {
		if timeout := timeoutOfClient(n); timeout != nil {
			if line := fset.Position(timeout.Pos()).Line; !explained[line] {
				lines = append(lines, line)
			}
		}
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name := f.Sel.Name
		if x, ok := f.X.(*ast.Ident); ok {
			if x.Name == "synctest" && name == "Test" {
				return false
			}
			if waits[x.Name+"."+name] {
				name = x.Name + "." + name
			}
		}
		if line := fset.Position(call.Pos()).Line; waits[name] && !explained[line] {
			lines = append(lines, line)
		}
		return true
	})
	return lines
}

// timeoutOfClient returns the time-out in the literal of an http.Client, or nil.
func timeoutOfClient(n ast.Node) ast.Node {
	literal, ok := n.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	if typ, ok := literal.Type.(*ast.SelectorExpr); !ok || typ.Sel.Name != "Client" {
		return nil
	}
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Timeout" {
				return pair
			}
		}
	}
	return nil
}

// TestUnexplainedWaitsAreFound holds that the test above can fail.
func TestUnexplainedWaitsAreFound(t *testing.T) {
	t.Parallel()
	const source = `package x
func a() {
	time.Sleep(1)
	time.Sleep(1) // real time: the clock of Redis
	// real time: the clock of Redis
	<-time.After(1)
	ctx, cancel := context.WithTimeout(ctx, 1)
	conn.SetReadDeadline(x)
	synctest.Test(t, func() { time.Sleep(1) })
	time.Sleep(1) // a moment
	c := http.Client{Timeout: 1}
}`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x_test.go", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	got := unexplainedWaits(fset, file)
	if want := []int{3, 7, 8, 10, 11}; !slices.Equal(got, want) {
		t.Errorf("lines %v, want %v", got, want)
	}
}
