package upstream_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableau"
	"vitrine/internal/upstream"
)

type throughGate struct{ refuse error }

func (g throughGate) Pass(ctx context.Context, _ tableau.Call, try func(context.Context) error) error {
	if g.refuse != nil {
		return g.refuse
	}
	return try(ctx)
}

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
		var got []string
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		now := start
		w := upstream.NewWatch(throughGate{}, func() time.Time { return now }, func(c upstream.Change) {
			word := "down"
			if c.Available {
				word = "up"
			}
			if (c.Err == nil) != c.Available || c.Site != "s" {
				t.Errorf("%s: %+v", name, c)
			}
			got = append(got, fmt.Sprintf("%s %d", word, int(c.Since.Sub(start).Minutes())))
		})
		for i, err := range c.errs {
			now = start.Add(time.Duration(i) * time.Minute)
			_ = w.Pass(t.Context(), tableau.Call{Site: "other"}, func(context.Context) error { return nil })
			if passed := w.Pass(t.Context(), tableau.Call{Site: "s"}, func(context.Context) error { return err }); passed != err { //nolint:errorlint // the same one
				t.Errorf("%s: %v became %v", name, err, passed)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// What found no turn here, and what its client gave up, says nothing.
	for name, g := range map[string]throughGate{"no turn": {refuse: gone}, "given up": {}} {
		ctx, cancel := context.WithCancel(t.Context())
		if name == "given up" {
			cancel()
		}
		w := upstream.NewWatch(g, time.Now, func(c upstream.Change) { t.Errorf("%s: %+v", name, c) })
		_ = w.Pass(ctx, tableau.Call{}, func(context.Context) error { return gone })
		cancel()
	}
}
