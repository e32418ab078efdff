package sessions

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"vitrine/internal/tableau"
)

const (
	// believed is how long it is believed that the sessions of a token leave each other alone, once that was seen.
	believed = time.Hour
	// proofs is how often in a row one session must be seen to end another: a restart of Tableau looks like that once.
	proofs = 2
)

// turns finds out whether a sign-in with a personal access token ends the impersonated sessions that came from it before, which
// Tableau does not document, and has people take turns if so: the session of one is signed out, when no read uses it any more,
// before that of another is opened. Otherwise two people who read side by side would end each other's sessions for ever.
//
// Nothing is tried until a session is found dead that others were opened after. From then on a sign-in looks at the session
// before its own: if that lived right before and is dead right after, twice in a row, people take turns until the program ends. A
// nil turns is for passwords: their sessions live side by side.
type turns struct {
	label string
	log   *slog.Logger

	mu      sync.Mutex
	last    *lease    // the newest impersonated session
	suspect bool      // sign-ins are watched
	seen    int       // how often in a row a sign-in has ended a session
	single  bool      // the token holds one session at a time
	until   time.Time // sessions are believed to leave each other alone until then
}

// lease ties a session to the token that it came from. A nil lease is for passwords.
type lease struct {
	turns   *turns
	bound   chan struct{} // closed when session and out are set
	ended   chan struct{} // closed when the session has been signed out
	session *session
	out     *exit
}

// opened notes a new session. Whoever keeps the session binds it to the lease.
func (t *turns) opened() *lease {
	if t == nil {
		return nil
	}
	l := &lease{turns: t, bound: make(chan struct{}), ended: make(chan struct{})}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = l
	return l
}

func (l *lease) bind(s *session, out *exit) {
	if l != nil {
		l.session, l.out = s, out
		close(l.bound)
	}
}

func (l *lease) end() {
	if l != nil {
		close(l.ended)
	}
}

// died raises suspicion when a session died that another was opened after.
func (l *lease) died(now time.Time) {
	if l == nil {
		return
	}
	t := l.turns
	t.mu.Lock()
	defer t.mu.Unlock()
	if l != t.last && !t.single && !now.Before(t.until) {
		t.suspect = true
	}
}

// purpose is how an impersonating sign-in uses the token: side by side with others, or alone.
func (t *turns) purpose() string {
	if t == nil {
		return "impersonate"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.single || t.suspect {
		return alone
	}
	return "impersonate"
}

// enter waits for the token. What is known of it may change meanwhile.
func (t *turns) enter(ctx context.Context, l *lane) (leave func(), err error) {
	for {
		purpose := t.purpose()
		leave, err := l.enter(ctx, purpose)
		if err != nil || t.purpose() == purpose {
			return leave, err
		}
		leave()
	}
}

// vacate signs the token's session out, where it holds only one at a time, and waits until that is done.
func (t *turns) vacate(ctx context.Context) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	last, single := t.last, t.single
	t.mu.Unlock()
	if !single || last == nil {
		return nil
	}
	for _, step := range []chan struct{}{last.bound, last.ended} {
		select {
		case <-step:
		case <-ctx.Done():
			return ctx.Err()
		}
		if step == last.bound {
			last.session.fate.Store(withdrawn) // though other replicas may have it
			last.out.retire(last.session)
		}
	}
	return nil
}

// watch looks at the newest session, if sign-ins are watched, and gives what looks again after a sign-in.
func (t *turns) watch(ctx context.Context, client *tableau.Client, now func() time.Time) (look func(signedIn bool)) {
	nothing := func(bool) {}
	if t == nil {
		return nothing
	}
	t.mu.Lock()
	last, suspect := t.last, t.suspect
	t.mu.Unlock()
	if !suspect || last == nil {
		return nothing
	}
	select {
	case <-last.bound:
	case <-ctx.Done():
		return nothing
	}
	s := last.session
	if !s.take(now(), believed) {
		return nothing
	}
	if live, known := lives(ctx, client, s); !live || !known {
		s.free(last.out)
		return nothing
	}
	return func(signedIn bool) {
		defer s.free(last.out)
		if !signedIn {
			return
		}
		if live, known := lives(ctx, client, s); known {
			t.judge(ctx, live, now())
		}
		// A dead one is met by its next reader, who has it renewed.
	}
}

// judge concludes from a session that lived right before a sign-in and lives, or not, right after.
func (t *turns) judge(ctx context.Context, live bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if live {
		t.suspect, t.seen, t.until = false, 0, now.Add(believed)
		return
	}
	if t.seen++; t.seen >= proofs {
		t.suspect, t.single = false, true
		t.log.WarnContext(ctx, "a sign-in with this personal access token ends the session before it: people take turns from now on, "+
			"one at a time; the sign-in method password has no such limit", "token", t.label)
	}
}

// lives asks Tableau whether a session is alive, as its own user.
func lives(ctx context.Context, client *tableau.Client, s *session) (live, known bool) {
	_, err := client.Session(ctx, only{s}).Current(ctx)
	return err == nil, err == nil || tableau.IsKind(err, tableau.SignedOut)
}

// only is a source of one session, which is never renewed.
type only struct{ session *session }

// Acquire gives the session's grant, as long as it is not named as dead.
func (o only) Acquire(_ context.Context, dead *tableau.Grant) (*tableau.Grant, error) {
	if dead != nil {
		return nil, &tableau.Error{Kind: tableau.SignedOut, Call: "GET sessions/current"}
	}
	return &o.session.grant, nil
}

// Release does nothing: whoever made the source holds the session.
func (o only) Release(*tableau.Grant) {}

// ContentURL is the site's.
func (o only) ContentURL() string { return o.session.owner.site }
