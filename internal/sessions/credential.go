package sessions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"vitrine/internal/tableau"
)

const (
	firstPause = 30 * time.Second
	longPause  = 5 * time.Minute
	// trust is how long after a success a credential may be used by several at once. Later one goes
	// first: a credential that has gone bad meanwhile then costs one failure, not one for each who
	// waits, and the account is not locked.
	trust = time.Minute
	// sitesToTry is after how many refusals in a row, on whatever sites, a credential rests on all
	// of them. One refusal rests one site: Tableau answers an unknown site like a wrong password.
	sitesToTry = 3
)

// health is how a credential has fared: on one site, or on all.
type health struct {
	tolerance int // refusals in a row before it rests

	mu       sync.Mutex
	refusals int
	until    time.Time // it rests until then
	proven   time.Time // the last success; zero after a refusal
}

func (h *health) pauseLeft(now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return max(h.until.Sub(now), 0)
}

func (h *health) trusted(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.proven.IsZero() && now.Sub(h.proven) < trust
}

// distrust takes the trust away: the next to try goes alone.
func (h *health) distrust() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.proven = time.Time{}
}

func (h *health) succeeded(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refusals, h.until, h.proven = 0, time.Time{}, now
}

// longestRest bounds what one person's 429 can make all sign-ins of a site wait.
const longestRest = 15 * time.Second

// pauseFor makes it rest for a while, longestRest at most, without a refusal.
func (h *health) pauseFor(now time.Time, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until = now.Add(min(wait, longestRest))
}

// failed counts a refusal and gives how long to rest: 30 seconds, doubled each time, at most five
// minutes.
func (h *health) failed(now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refusals++
	h.proven = time.Time{}
	over := h.refusals - h.tolerance
	if over < 0 {
		return 0
	}
	pause := longPause
	if over < 4 {
		pause = min(firstPause<<over, longPause)
	}
	h.until = now.Add(pause)
	return pause
}

// credentialState is what all sites know of one credential.
type credentialState struct {
	health
	gate  chan struct{} // held by who tries a credential that is not trusted
	lock  *purposeLock  // nil for passwords
	token *tokenState   // nil for passwords
}

// reset forgets all refusals, and all successes.
func (h *health) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refusals, h.until, h.proven = 0, time.Time{}, time.Time{}
}

// credential is one of the operator's credentials on one site.
type credential struct {
	take     func() tableau.Credentials // asked at each sign-in
	secret   *secret                    // that take reveals; nil if it is never read again
	site     string                     // content URL
	thisSite health
	allSites *credentialState
	now      func() time.Time
	log      *slog.Logger
	label    string // for the log
	advice   string // what the operator is to look at
}

// try runs a sign-in, unless the credential rests. Who uses a credential first, or first after a
// while, goes alone, and so does blame, which finds out what a refusal means and says it with good
// or bad. A secret that was replaced meanwhile is tried before.
func (c *credential) try(
	ctx context.Context, signIn func(tableau.Credentials) (*tableau.Grant, error),
	blame func(with tableau.Credentials, refusal error) error,
) (*tableau.Grant, error) {
	if err := c.paused(); err != nil {
		return nil, err
	}
	if c.thisSite.trusted(c.now()) {
		g, with, err := c.once(ctx, signIn)
		if !refusedBy(err) {
			return g, err
		}
		c.thisSite.distrust()
		return c.alone(ctx, func() (*tableau.Grant, error) { return nil, blame(with, err) })
	}
	return c.alone(ctx, func() (*tableau.Grant, error) {
		g, with, err := c.once(ctx, signIn)
		if refusedBy(err) {
			return nil, blame(with, err)
		}
		return g, err
	})
}

// once signs in, and a second time if Tableau refuses a secret that turns out to have been
// replaced.
func (c *credential) once(
	ctx context.Context, signIn func(tableau.Credentials) (*tableau.Grant, error),
) (g *tableau.Grant, with tableau.Credentials, err error) {
	for range 2 {
		with = c.take()
		c.allSites.token.signInBegins()
		if g, err = signIn(with); err == nil {
			c.allSites.token.noteExpiry(ctx, g)
		}
		if !tableau.IsKind(err, tableau.LoginRefused) || !c.secret.reload(true) {
			break
		}
	}
	return g, with, err
}

// alone waits for its turn; meanwhile the credential may have been found bad.
func (c *credential) alone(ctx context.Context, do func() (*tableau.Grant, error)) (*tableau.Grant, error) {
	select {
	case c.allSites.gate <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.allSites.gate }()
	if err := c.paused(); err != nil {
		return nil, err
	}
	return do()
}

// refusedBy says that Tableau did not like the credential, or not what it was used for.
func refusedBy(err error) bool {
	return tableau.IsKind(err, tableau.LoginRefused) || tableau.IsKind(err, tableau.Refused)
}

var errPausedCredential = errors.New("it was refused before and is not tried again yet")

func (c *credential) paused() error {
	if c.secret.reload(false) {
		c.thisSite.reset()
		c.allSites.reset()
	}
	now := c.now()
	if wait := max(c.thisSite.pauseLeft(now), c.allSites.pauseLeft(now)); wait > 0 {
		return errCredential(c.label, c.site, wait, errPausedCredential)
	}
	return nil
}

// succeeded notes that the credential works.
func (c *credential) succeeded() {
	now := c.now()
	c.thisSite.succeeded(now)
	c.allSites.succeeded(now)
}

// refused notes that the credential itself was refused, and logs it for the operator.
func (c *credential) refused(ctx context.Context, err error) error {
	now := c.now()
	wait := max(c.thisSite.failed(now), c.allSites.failed(now))
	advice := c.advice
	if why := c.allSites.token.endReason(); why != "" {
		advice = why
	}
	c.log.LogAttrs(ctx, slog.LevelError, "Tableau refuses the credentials of the sign-in method: "+advice,
		slog.String("credentials", c.label), slog.String("site", c.site), slog.Duration("retryIn", wait), slog.Any("error", err))
	return errCredential(c.label, c.site, wait, fmt.Errorf("tableau refuses it: %w", err))
}

// overlap is that of the token; nil for passwords.
func (s *credentialState) overlap() *overlapDetector {
	if s.token == nil {
		return nil
	}
	return s.token.overlap
}
