package sessions

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	// overlapTrustedFor is how long sessions of a token are taken to live side by side, once that
	// was observed.
	overlapTrustedFor = time.Hour
	// displacementsToConclude is how often in a row a session must end another: a restart of
	// Tableau looks like that once.
	displacementsToConclude = 2
)

// overlapDetector finds out what Tableau does to the impersonated sessions of a personal access
// token when the token signs in again, which is nowhere documented. It is the server's, and one for
// all tokens.
//
// Nothing is tried for its own sake: the first sign-in with a token that has a living session is
// the experiment. It goes alone, waits for a moment in which no read uses that session, a second at
// most, and looks at it right before and right after. A read meanwhile is renewed once and does not
// notice. If the session is dead afterwards, the person is signed in a second time: that session
// must end the first one too. Until the result is known every sign-in is treated like one that ends
// others.
type overlapDetector struct {
	log         *slog.Logger
	gracePeriod time.Duration // how long a session that is used all the time is left to its readers

	mu           sync.Mutex
	current      overlapMode
	displaced    int       // how often in a row a sign-in has ended a session
	trustedUntil time.Time // sessions are taken to live side by side until then
}

type overlapMode int

const (
	overlapUnknown   overlapMode = iota
	overlapAllowed               // sessions live side by side
	overlapDisplaces             // a token holds one session at a time
)

func (h *overlapDetector) mode() overlapMode {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.current
}

// perReplica says that a session had better not be shared with other replicas: each ends the
// sessions of its own tokens, and does not see who reads with them elsewhere. Nobody may meet that
// twice in one read. So as long as nothing is known, sessions are shared until the first dies. A
// nil overlap is for passwords.
func (h *overlapDetector) perReplica(died bool) bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.current == overlapDisplaces || h.current == overlapUnknown && (died || h.displaced > 0)
}

// recheck is called when a session died that another was opened after.
func (h *overlapDetector) recheck(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.current == overlapAllowed && !now.Before(h.trustedUntil) {
		h.current, h.displaced = overlapUnknown, 0
	}
}

// observe concludes from an impersonated session that lived right before a sign-in and lives, or
// not, right after. That a plain sign-in leaves it alone says nothing about impersonating ones.
// people is how many tokens there are to impersonate with.
func (h *overlapDetector) observe(ctx context.Context, live, plain bool, people int, now time.Time) overlapMode {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.current == overlapDisplaces || live && plain:
	case live:
		if h.trustedUntil.IsZero() {
			h.log.InfoContext(ctx, "impersonated sessions of one personal access token live beside each other: "+Capacity(people, true))
		}
		h.current, h.displaced, h.trustedUntil = overlapAllowed, 0, now.Add(overlapTrustedFor)
	default:
		if h.displaced++; h.displaced >= displacementsToConclude {
			h.current = overlapDisplaces
			h.log.WarnContext(ctx, "a sign-in with a personal access token ends the session before it: "+Capacity(people, false))
		}
	}
	return h.current
}

// Capacity describes how many people a configuration serves with this number of impersonating
// tokens, if the sessions of one token live side by side or not.
func Capacity(tokens int, sideBySide bool) string {
	if sideBySide {
		return "this set-up carries any number of people"
	}
	n := "one person"
	if tokens > 1 {
		n = fmt.Sprintf("%d people", tokens)
	}
	return "this set-up carries " + n + " at a time, one per token that impersonates, and further people take turns, each for the price of a " +
		"sign-in; more tokens carry more, and the sign-in methods password and connectedApp have no such limit"
}
