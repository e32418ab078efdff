package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// A sign-in that Tableau answers as if a session had ended is sent again three times, and no more.
func TestSignInIsSentAgainThreeTimes(t *testing.T) {
	t.Parallel()
	for faults, tries := range map[int]int{0: 1, maxRenewals: maxRenewals + 1, maxRenewals + 1: maxRenewals + 1} {
		b := start(t, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{simApp}}, by(directApp))
		sent := 0
		b.sim.Fault(tableausim.Fault{Kind: tableausim.Status401002, Match: func(r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/auth/signin") {
				return false
			}
			sent++
			return sent <= faults
		}})
		err := b.Access(t.Context(), identity("alice"), "")
		if failed := faults > maxRenewals; failed != (err != nil) || sent != tries {
			t.Errorf("%d faults: %d sign-ins, want %d; %v", faults, sent, tries, err)
		}
		if err != nil {
			wantEnded(t, err)
		}
	}
	for err, want := range map[error]bool{
		errors.New("other"): false,
		&tableau.Error{Kind: tableau.SignedOut, Call: "POST auth/signin (jwt)"}:                   true,
		fmt.Errorf("more: %w", &tableau.Error{Kind: tableau.SignedOut, Call: "POST auth/signin"}): true,
		&tableau.Error{Kind: tableau.SignedOut, Call: "GET sessions/current"}:                     false,
		&tableau.Error{Kind: tableau.LoginRefused, Call: "POST auth/signin"}:                      false,
	} {
		if got := signInWasEnded(err); got != want {
			t.Errorf("%v: %t", err, got)
		}
	}
	if signInWasEnded(nil) {
		t.Error("nothing failed")
	}
}

// fakeShared is a sharedStore that refuses to replace sessions, and notes what use is shared.
type fakeShared struct {
	localStore
	refuse bool
	used   []*session
}

func (f *fakeShared) replaces(context.Context, *session, *tableau.Grant) bool { return !f.refuse }
func (f *fakeShared) shareUse(_ context.Context, all []*session)              { f.used = append(f.used, all...) }

// A read passes over sessions that may be as dead as the one that it had, as often as one sign-in
// is renewed.
func TestReadPassesOverThreeDoubtfulSessions(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	b.shared = &fakeShared{refuse: true}
	s, err := b.source(identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Acquire(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Release(g)
	if g, err = s.Acquire(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	s.Release(g)
	if n := b.sim.Count(impersonated); n != 1+maxRenewals+1 {
		t.Errorf("%d sign-ins, want %d", n, maxRenewals+2)
	}
}

// The use of a session is shared once, and only if other replicas may have the session.
func TestUseOfASessionIsSharedOnce(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	shared := &fakeShared{}
	b.shared = shared
	mine := newSession(owner{user: "mine"}, 1, &tableau.Grant{}, b.clock.now())
	theirs := newSession(owner{user: "theirs"}, 2, &tableau.Grant{}, b.clock.now())
	theirs.watch = &watch{}
	b.store.add(mine)
	b.store.add(theirs)
	for i, want := range []int{1, 1, 2} {
		if b.shareUse(); len(shared.used) != want || shared.used[0] != theirs {
			t.Errorf("round %d: %v", i, shared.used)
		}
		if i == 1 {
			theirs.used.Add(int64(time.Second))
		}
	}
	mine.retire()
	theirs.retire()
}
