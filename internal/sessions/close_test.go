package sessions

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableausim"
)

func TestCloseSignsEverythingOut(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{password, twoPATs} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{}, by(m))
			for _, name := range []string{"alice", "bob", "carol", "kim"} {
				b.mustBe(t, name, "")
			}
			if len(b.sim.Sessions()) != 5 {
				t.Fatalf("%d sessions live", len(b.sim.Sessions()))
			}
			if err := b.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if left := b.sim.Sessions(); len(left) != 0 {
				t.Errorf("still signed in: %v", left)
			}
			wantCode(t, b.Access(t.Context(), identity("alice"), ""), ErrClosed, "TABLEAU_UNAVAILABLE")
		})
	}
}

func TestCloseWaitsForSessionsInUseAndIsBounded(t *testing.T) {
	t.Parallel()
	for _, inTime := range []bool{true, false} {
		b := start(t, tableausim.Config{}, nil)
		s, err := b.source(identity("alice"), "")
		if err != nil {
			t.Fatal(err)
		}
		g, err := s.Acquire(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		b.mustBe(t, "bob", "")
		ctx, cancel := context.WithCancel(t.Context())
		closed := make(chan error)
		go func() { closed <- b.Close(ctx) }()
		<-b.maintained // it has begun
		select {
		case err := <-closed:
			t.Fatalf("closed under a session in use: %v", err)
		default:
		}
		if inTime {
			s.Release(g)
		} else {
			cancel()
		}
		err = <-closed
		if inTime != (err == nil) || inTime != (len(b.sim.Sessions()) == 0) {
			t.Errorf("in time %t: error %v, sessions %v", inTime, err, b.sim.Sessions())
		}
		cancel()
		if !inTime {
			s.Release(g)
		}
	}
}

func TestCloseWaitsForSignInsUnderWay(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	reached, slow := make(chan struct{}, 10), make(chan struct{})
	b.sim.Fault(tableausim.Fault{Kind: tableausim.Slow, Match: func(r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/auth/signin") {
			reached <- struct{}{}
			<-slow
		}
		return false
	}})
	asked := make(chan error, 1)
	go func() { asked <- b.Access(t.Context(), identity("alice"), "") }()
	<-reached
	closed := make(chan error, 1)
	go func() { closed <- b.Close(t.Context()) }()
	close(slow)
	if err := <-asked; err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if left := b.sim.Sessions(); len(left) != 0 {
		t.Errorf("still signed in: %v", left)
	}
}

func TestEvictedSessionsAreSignedOut(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, func(c *Config) { c.MaxSessions = 20 })
	for i := range 200 {
		name := "user" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		if _, err := b.sim.AddUser("", tableausim.User{Name: name}); err != nil {
			t.Fatal(err)
		}
		b.mustBe(t, name, "")
	}
	deadline := time.Now().Add(10 * time.Second)
	for len(b.sim.Sessions()) > 20+16+1+8 { // cache, newcomers, service, sign-outs under way
		if time.Now().After(deadline) {
			t.Fatalf("%d sessions live with room for 20", len(b.sim.Sessions()))
		}
		runtime.Gosched()
	}
}
