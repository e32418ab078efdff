package upstream

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableau"
)

// Each change is reported once, for each site by itself, and only what says something of Tableau
// counts.
func TestEachChangeOfReachIsReportedOnce(t *testing.T) {
	t.Parallel()
	gone := &tableau.Error{Kind: tableau.Unavailable}
	gateway := &tableau.Error{Kind: tableau.Unavailable, Status: 503}
	fault := &tableau.Error{Kind: tableau.Unavailable, Status: 500}
	slow, html := &tableau.Error{Kind: tableau.Timeout}, &tableau.Error{Kind: tableau.Malformed, Status: 200}
	busy, refused := &tableau.Error{Kind: tableau.RateLimited, Status: 429}, &tableau.Error{Kind: tableau.Refused, Status: 403}
	for name, c := range map[string]struct {
		errs []error
		want []string
	}{
		"all is well":                 {[]error{nil, nil}, nil},
		"gone":                        {[]error{nil, gone, gone, gateway}, []string{"down 1"}},
		"gone and back":               {[]error{gone, gone, nil, nil}, []string{"down 0", "up 0"}},
		"wrapped":                     {[]error{fmt.Errorf("read: %w", gateway)}, []string{"down 0"}},
		"twice":                       {[]error{gone, nil, gone, refused}, []string{"down 0", "up 0", "down 2", "up 2"}},
		"a refusal is an answer":      {[]error{gone, refused}, []string{"down 0", "up 0"}},
		"500 and 429 say nothing":     {[]error{fault, fault, fault, busy, busy, busy, gone, fault, busy, nil}, []string{"down 6", "up 6"}},
		"slow twice":                  {[]error{slow, slow, nil, slow, slow, nil}, nil},
		"slow three times":            {[]error{slow, slow, html, slow}, []string{"down 0"}},
		"what is not about it":        {[]error{context.Canceled, fmt.Errorf("bug"), context.Canceled}, nil},
		"a refusal of our own before": {[]error{gone, fmt.Errorf("bug"), nil}, []string{"down 0", "up 0"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			if diff := cmp.Diff(c.want, changesOf(t, c.errs)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		})
	}
}

// changesOf returns the changes that a gate reports of a site whose requests end with these errors,
// one in each minute.
func changesOf(t *testing.T, errs []error) (got []string) {
	t.Helper()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := start
	g := newGate(t, limits(func(l *Limits) { l.Tries = 1 }))
	g.Watch(func() time.Time { return now }, func(c Change) {
		word := "down"
		if c.Available {
			word = "up"
		}
		if (c.Err == nil) != c.Available || c.Site != "s" {
			t.Errorf("%+v", c)
		}
		got = append(got, fmt.Sprintf("%s %d", word, int(c.Since.Sub(start).Minutes())))
	})
	for i, err := range errs {
		now = start.Add(time.Duration(i) * time.Minute)
		_ = g.Pass(t.Context(), tableau.Call{Site: "other"}, func(context.Context) error { return nil })
		if passed := g.Pass(t.Context(), tableau.Call{Site: "s"}, func(context.Context) error { return err }); passed != err { //nolint:errorlint // the same one
			t.Errorf("%v became %v", err, passed)
		}
	}
	return got
}

// What found no turn here, and what its client gave up, says nothing.
func TestWhatIsNotOfTableauChangesNoReach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := func(context.Context) error { return &tableau.Error{Kind: tableau.Unavailable} }
		watched := func() *Gate {
			g := newGate(t, limits(func(l *Limits) { l.Total = 1 }))
			g.Watch(time.Now, func(c Change) { t.Errorf("%+v", c) })
			return g
		}
		given, cancel := context.WithCancel(t.Context())
		cancel()
		_ = watched().Pass(given, tableau.Call{}, gone)

		late, cancel := context.WithDeadline(t.Context(), time.Now())
		defer cancel()
		g := watched()
		_ = g.Pass(t.Context(), tableau.Call{}, func(context.Context) error { // which takes the only place
			for range doubtful {
				if err := g.Pass(late, tableau.Call{}, gone); !tableau.IsKind(err, tableau.Timeout) {
					t.Errorf("without a place: %v", err)
				}
			}
			return nil
		})
	})
}
