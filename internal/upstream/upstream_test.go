package upstream

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"vitrine/internal/tableau"
)

var (
	errAway  = &tableau.Error{Kind: tableau.Unavailable, Call: "GET x"}
	errBusy  = &tableau.Error{Kind: tableau.RateLimited, Call: "GET x", Status: 429}
	errFault = &tableau.Error{Kind: tableau.Unavailable, Call: "GET x", Status: 500}
	errQuota = &tableau.Error{Kind: tableau.RateLimited, Call: "POST v1/vizql-data-service/query-datasource", Status: 429, RetryAfter: time.Minute}
	errSlow  = &tableau.Error{Kind: tableau.Timeout, Call: "POST v1/vizql-data-service/query-datasource", Status: 504}
)

// tries gives one outcome after another, then success, and counts.
type tries struct {
	outcomes []error
	n        int
}

func (s *tries) try(context.Context) error {
	s.n++
	if s.n <= len(s.outcomes) {
		return s.outcomes[s.n-1]
	}
	return nil
}

func TestReadsThatFailForAMomentAreSentAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		class    tableau.Class
		outcomes []error
		tries    int
		want     error
	}{
		{"success", tableau.Read, nil, 1, nil},
		{"no connection", tableau.Read, []error{errAway}, 2, nil},
		{"asked to wait, without saying how long", tableau.Read, []error{errBusy}, 2, nil},
		{"the quota of queries to data", tableau.Read, []error{errQuota}, 1, errQuota},
		{"a query to data that took too long", tableau.Read, []error{errSlow}, 1, errSlow},
		{"twice", tableau.Read, []error{errAway, errBusy}, 3, nil},
		{"three times", tableau.Read, []error{errAway, errBusy, errAway, errBusy}, 3, errAway},
		{"for a moment, then for good", tableau.Read, []error{errAway, errFault}, 2, errFault},
		{"for a moment, then for good in the last try", tableau.Read, []error{errAway, errAway, errFault}, 3, errFault},
		{"a status of 500", tableau.Read, []error{errFault}, 1, errFault},
		{"what is not of Tableau", tableau.Read, []error{context.Canceled}, 1, context.Canceled},
		{"a long one", tableau.LongRunning, []error{errAway}, 2, nil},
		{"of no site", tableau.Open, []error{errAway}, 2, nil},
		{"a sign-in", tableau.SigningIn, []error{errAway}, 1, errAway},
		{"a sign-out", tableau.SigningOut, []error{errBusy}, 1, errBusy},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g, s := newGate(t, wide()), &tries{outcomes: c.outcomes}
				call := read("a", "ann")
				call.Class = c.class
				err := g.Pass(t.Context(), call, s.try)
				if err != c.want || s.n != c.tries { //nolint:errorlint // this very error, not wrapped
					t.Errorf("%d tries, %v; want %d, %v", s.n, err, c.tries, c.want)
				}
				empty(t, g.limiter)
			})
		})
	}
}

func TestTriesAreApartAndNotAlike(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, wide())
		waits := map[time.Duration]bool{}
		for range 50 {
			var at []time.Time
			_ = g.Pass(t.Context(), read("a", "ann"), func(context.Context) error {
				at = append(at, time.Now())
				return errAway
			})
			first, second := at[1].Sub(at[0]), at[2].Sub(at[1])
			if first < 125*time.Millisecond || first > 376*time.Millisecond || second < 250*time.Millisecond || second > 751*time.Millisecond {
				t.Fatalf("waited %s, then %s", first, second)
			}
			waits[first] = true
		}
		if len(waits) < 40 {
			t.Errorf("50 waits have %d lengths: those who failed together come back together", len(waits))
		}
	})
}

// A try that the request's time is too short for is not waited for: the caller hears of the failure
// while it can still answer.
func TestNoTryBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, s := newGate(t, wide()), &tries{outcomes: []error{errAway, errAway}}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := g.Pass(ctx, read("a", "ann"), s.try); !errors.Is(err, errAway) || s.n != 1 || time.Since(began) != 0 {
			t.Errorf("%d tries in %s: %v", s.n, time.Since(began), err)
		}
	})
}

// What Tableau asks to wait is waited before the next try; where it is too long, the error is
// Tableau's own, which says how long.
func TestRetryAfterIsWaited(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		after time.Duration
		tries int
		took  time.Duration
	}{
		{"within the time", 7 * time.Second, 2, 7 * time.Second},
		{"longer than anybody waits", time.Hour, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(t, limits(func(l *Limits) { l.Wait = 10 * time.Second }))
				asked := &tableau.Error{Kind: tableau.RateLimited, Call: "GET x", Status: 429, RetryAfter: c.after}
				s := &tries{outcomes: []error{asked}}
				began := time.Now()
				err := g.Pass(t.Context(), read("a", "ann"), s.try)
				took := time.Since(began)
				if s.n != c.tries || (c.tries == 1) != errors.Is(err, asked) || c.tries == 2 && took != c.took || took > 10*time.Second {
					t.Errorf("%d tries in %s: %v", s.n, took, err)
				}
			})
		})
	}
}
