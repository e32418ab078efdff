package sessions

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"vitrine/internal/tableau"
)

// What went wrong on the way to Tableau is sorted by what the person can do.
func TestTroubleIsSortedByWhatThePersonCanDo(t *testing.T) {
	t.Parallel()
	known := errUser("ann", "", "a reason")
	for name, c := range map[string]struct {
		err  error
		code string
		wait time.Duration
	}{
		"known":            {fmt.Errorf("more: %w", known), "TABLEAU_USER_UNKNOWN", 0},
		"rate limit":       {&tableau.Error{Kind: tableau.RateLimited, RetryAfter: 7 * time.Second}, "TABLEAU_RATE_LIMITED", 7 * time.Second},
		"deadline":         {context.DeadlineExceeded, "TABLEAU_TIMEOUT", 0},
		"time-out":         {&tableau.Error{Kind: tableau.Timeout}, "TABLEAU_TIMEOUT", 0},
		"ended sessions":   {&tableau.Error{Kind: tableau.SignedOut}, "TABLEAU_UNAVAILABLE", 5 * time.Second},
		"refused":          {&tableau.Error{Kind: tableau.Refused}, "TABLEAU_SIGN_IN_FAILED", 0},
		"a bad request":    {&tableau.Error{Kind: tableau.BadRequest}, "TABLEAU_SIGN_IN_FAILED", 0},
		"missing":          {&tableau.Error{Kind: tableau.Missing}, "TABLEAU_SIGN_IN_FAILED", 0},
		"a refused secret": {&tableau.Error{Kind: tableau.LoginRefused}, "TABLEAU_SIGN_IN_FAILED", 0},
		"unavailable":      {&tableau.Error{Kind: tableau.Unavailable}, "TABLEAU_UNAVAILABLE", 0},
		"another":          {errors.New("another"), "TABLEAU_UNAVAILABLE", 0},
	} {
		if got := trouble("the token", "site", c.err); got.Code() != c.code || got.RetryAfter() != c.wait || got.Public() == "" {
			t.Errorf("%s: %s, %s: %s", name, got.Code(), got.RetryAfter(), got.Public())
		}
	}
}
