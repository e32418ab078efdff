package resolvers_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/policy"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// unbounded lets documents through that are refused before anything else looks at them: for what
// comes after.
var unbounded = policy.Limits{Fields: math.MaxInt32, Comparisons: math.MaxInt32, Aliases: math.MaxInt32, RootFields: math.MaxInt32, Cost: math.MaxInt32}

// A chain of fragments, each of which spreads the next one twice, is small to send; what walks it
// must not walk it once for each spread: with 70 of them that would last longer than the earth.
func TestFragmentsThatDoubleAreWalkedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) { c.Limits = unbounded })
	for _, c := range []struct{ name, on, query string }{
		{"a list's items", "Workbook", `{ site(contentUrl: "") { workbooks(first: 1) { nodes { %s } } } }`},
		{"a list", "ProjectConnection", `{ site(contentUrl: "") { projects(first: 1) { %s } } }`},
		{"one object", "User", `{ site(contentUrl: "") { me { %s } } }`},
		{"a list below items", "View", `{ site(contentUrl: "") { workbooks(first: 1) { nodes { views { %s } } } } }`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const links = 70
			document := fmt.Sprintf(c.query, "...f0")
			for i := range links {
				document += fmt.Sprintf(" fragment f%d on %s { ...f%d ...f%d }", i, c.on, i+1, i+1)
			}
			document += fmt.Sprintf(" fragment f%d on %s { __typename }", links, c.on)
			got := w.ask(t, "alice", document, nil) // a walk of each way through the fragments never ends
			if got.status != http.StatusOK || len(got.Errors) > 0 || !strings.Contains(string(got.raw), c.on) {
				t.Errorf("%d %s", got.status, got.raw)
			}
		})
	}
}
