package sessions

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"vitrine/internal/tableau"
)

const (
	// EndsSoon is how long before its end a personal access token is reported.
	EndsSoon = 30 * 24 * time.Hour
	// logDaily is the interval of these reports.
	logDaily = 24 * time.Hour
	// neglected is after how long without use Tableau ends a token.
	neglected = 15 * 24 * time.Hour
)

// age is when a personal access token ends, if Tableau has reported it.
type age struct {
	expires time.Time // zero while that is not known
	worked  time.Time // the last sign-in that succeeded
	logged  time.Time // when its end was last logged
}

// noteExpiry notes what a sign-in says about the token's end.
func (t *tokenState) noteExpiry(ctx context.Context, g *tableau.Grant) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.age.worked = now
	left, ok := g.TokenLeft()
	if !ok {
		return
	}
	t.age.expires = now.Add(left)
	if left > EndsSoon || !t.age.logged.IsZero() && now.Sub(t.age.logged) < logDaily {
		return
	}
	t.age.logged = now
	t.log.WarnContext(ctx, "a personal access token ends soon: make a new one in Tableau and write its secret into the file of the settings; "+
		"it is read again while the server runs, as long as the name stays",
		slog.String("credentials", t.label), slog.Int("daysLeft", int(left/(24*time.Hour))), slog.Time("ends", t.age.expires))
}

// endReason says why a token that is refused may have ended; empty where nothing speaks for it.
func (t *tokenState) endReason() string {
	if t == nil {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	switch {
	case !t.age.expires.IsZero() && !now.Before(t.age.expires):
		return fmt.Sprintf("it expired on %s: make a new one in Tableau", t.age.expires.UTC().Format(time.DateOnly))
	case !t.age.worked.IsZero() && now.Sub(t.age.worked) >= neglected:
		return fmt.Sprintf("it was last used on %s, and Tableau ends tokens that are not used for 15 days: make a new one in Tableau",
			t.age.worked.UTC().Format(time.DateOnly))
	default:
		return ""
	}
}
