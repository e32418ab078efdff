package graphqlhttp

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"vitrine/internal/policy"
	"vitrine/internal/problem"
)

// A document that is not trusted costs its hash and the refusal, whatever its size: nothing parses
// it. The test is not parallel: it counts allocations.
func TestRefusingAnUntrustedDocumentCostsLittle(t *testing.T) {
	e := transport{&engine{Config: Config{Trusted: Trusted{Mode: policy.DocumentsEnforce}, Observe: func(context.Context, ...slog.Attr) {}}}}
	v := &viewEngine{view: &policy.View{}}
	q := &request{Query: strings.Repeat("{ a(b: [", 10_000)}
	const budget = 30
	n := testing.AllocsPerRun(20, func() {
		at, refused := e.locate(t.Context(), v, q)
		if refused == nil || refused.errs[0].Extensions["code"] != problem.CodeNotTrusted {
			t.Fatalf("%v %v", at, refused)
		}
	})
	if n > budget {
		t.Errorf("%.0f allocations, want at most %d", n, budget)
	}
}

func TestTagsAreComparedWeakly(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		`W/"a"`: true, `"a"`: true, `*`: true, `"b", W/"a"`: true, `"b" , "a"`: true, `"b"`: false, `a`: false, `W/"A"`: false, ``: false,
	} {
		if got := tagMatches([]string{line}, `W/"a"`); got != want {
			t.Errorf("%s: %t", line, got)
		}
	}
}
