package resolvers_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"vitrine/auth"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// broken panics where sessions are asked for: with a value that nobody may read.
type broken struct{ resolvers.Sessions }

func (broken) Session(context.Context, *auth.Identity, string) (*tableau.Session, error) {
	panic("the password is hunter2")
}

func (broken) Access(context.Context, *auth.Identity, string) error {
	panic("the password is hunter2")
}

// A panic is one request's error, also in a goroutine that gqlgen knows nothing of: there it would
// end the process.
func TestPanicIsAnErrorOfOneRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) { c.Sessions = broken{c.Sessions} })
	for name, query := range map[string]string{
		"a field":             `{ site(contentUrl: "") { name } }`,
		"sites, side by side": `{ sites { contentUrl } }`,
		"nodes, side by side": `query { nodes(ids: ["VXNlci8veA", "V29ya2Jvb2svL3g"]) { id } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := w.ask(t, "alice", query, nil)
			if codes := slices.Compact(got.codes()); !slices.Equal(codes, []string{"INTERNAL"}) || strings.Contains(string(got.raw), "hunter2") {
				t.Errorf("%s", got.raw)
			}
		})
	}
}
