package graphqlhttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// at is the context of a field at a place such as nodes.3.usage.
func at(ctx context.Context, steps ...any) context.Context {
	for _, step := range steps {
		fc := &graphql.FieldContext{}
		switch step := step.(type) {
		case int:
			fc.Index = &step
		case string:
			fc.Field = graphql.CollectedField{Field: &ast.Field{Alias: step}}
		}
		ctx = graphql.WithFieldContext(ctx, fc)
	}
	return ctx
}

// presenting is an operation whose errors are presented, and what they become.
func presenting(t *testing.T, lacks string) (context.Context, *Operation, func(ctx context.Context, text string)) {
	t.Helper()
	e := &engine{Config: Config{RequestID: func(context.Context) string { return "id" }}}
	e.Public = func(_ context.Context, err error) Public {
		text := errors.Unwrap(err).Error() // without its place
		p := Public{Code: "CODE", Message: text}
		if strings.Contains(text, lacks) {
			p.Extensions = map[string]any{ExtensionCoordinate: lacks}
		}
		return p
	}
	op := &Operation{}
	ctx := graphql.WithResponseContext(context.WithValue(t.Context(), operationKey{}, op), e.present, Recovered)
	return ctx, op, func(ctx context.Context, text string) { graphql.AddError(ctx, errors.New(text)) }
}

// However many fields fail, the errors that are kept are bounded while they come, in number and in
// bytes, and the others are counted.
func TestErrorsAreBoundedWhileTheyCome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text       string
		many, kept int
	}{
		"few":   {"short", 100, 100},
		"many":  {"short", 5000, maxErrors},
		"large": {strings.Repeat("x", maxErrorBytes/10), 5000, 10},
		"huge":  {strings.Repeat("x", 2*maxErrorBytes), 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, op, fail := presenting(t, "nothing")
			var wg sync.WaitGroup
			for half := range 2 {
				wg.Go(func() {
					for i := half; i < c.many; i += 2 {
						fail(at(ctx, "nodes", i, "views"), c.text)
					}
				})
			}
			wg.Wait()
			errs := op.errors.finish(graphql.GetErrors(ctx))
			if len(errs) < c.kept-1 || len(errs) > c.kept+1 { // two may come at once at the bound of the bytes
				t.Fatalf("%d errors of %d are kept, want %d", len(errs), c.many, c.kept)
			}
			want := ""
			if more := c.many - len(errs); more > 0 {
				want = fmt.Sprintf(" (and %d more errors after this one)", more)
			}
			if last := errs[len(errs)-1].Message; last != c.text+want {
				t.Errorf("the last one ends in %.100q, want %q", last[len(c.text):], want)
			}
		})
	}
}

// An error beyond the bounds, or of one more item at a place that has its error, costs no memory.
func TestErrorsThatAreOnlyCountedAllocateNothing(t *testing.T) { //nolint:paralleltest // allocations are counted
	ctx, op, fail := presenting(t, "Workbook.usage")
	merged := at(ctx, "nodes", 7, "usage")
	fail(merged, "lacks Workbook.usage")
	for i := range maxErrors {
		fail(at(ctx, "nodes", i, "views"), "away")
	}
	for name, ctx := range map[string]context.Context{"beyond the bounds": at(ctx, "nodes", 3, "views"), "at the same place": merged} {
		if n := testing.AllocsPerRun(100, func() {
			if op.errors.wants(ctx) {
				t.Error("it is made")
			}
		}); n != 0 {
			t.Errorf("an error %s allocates %v times", name, n)
		}
	}
}

// What a server lacks is one error for each place of the document, which names the first item,
// whichever was resolved first.
func TestErrorsOfOnePlaceAreOne(t *testing.T) {
	t.Parallel()
	ctx, op, fail := presenting(t, "Workbook.usage")
	for _, i := range []int{12, 3, 40, 2, 10, 7} {
		for _, alias := range []string{"b", "a"} {
			for _, j := range []int{5, 4} {
				fail(at(ctx, "nodes", i, "views", j, alias), "lacks Workbook.usage")
			}
		}
		fail(at(ctx, "nodes", i, "owner"), "away")
	}
	errs := op.errors.finish(graphql.GetErrors(ctx))
	var got []string
	for _, err := range errs {
		got = append(got, err.Path.String()+" "+err.Message)
	}
	want := []string{
		"nodes[10].owner away", "nodes[12].owner away", "nodes[2].owner away",
		"nodes[2].views[4].a lacks Workbook.usage (and 11 more items)", "nodes[2].views[4].b lacks Workbook.usage (and 11 more items)",
		"nodes[3].owner away", "nodes[40].owner away", "nodes[7].owner away",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The size of an error that is counted is about that of its JSON.
func TestErrorsAreAsLargeAsTheyAreCounted(t *testing.T) {
	t.Parallel()
	err := Public{Code: "CODE", Message: strings.Repeat("m", 300), Extensions: map[string]any{ExtensionCoordinate: strings.Repeat("c", 100)}}.
		gqlError(ast.Path{ast.PathName(strings.Repeat("a", 128)), ast.PathIndex(3), ast.PathName("b")}, "0123456789abcdef")
	rec := httptest.NewRecorder()
	write(rec, "application/json", http.StatusOK, &graphql.Response{Errors: gqlerror.List{err}})
	if n := rec.Body.Len(); sizeOf(err) < n/2 || sizeOf(err) > 2*n {
		t.Errorf("counted as %d bytes, sent as %d", sizeOf(err), n)
	}
}
