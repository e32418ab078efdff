package sessions

import (
	"strings"
	"testing"
	"time"
)

// A kept value is there until its time has passed, and no longer. A full cache drops what has
// expired first, then makes room for a tenth.
func TestTTLCacheKeepsItsBounds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	c := newTTLCache[int, int](time.Minute, 20, func() time.Time { return now })
	c.put(1, 1)
	now = now.Add(time.Minute - 1)
	if got, left := c.getTTL(1); got != 1 || left != 1 {
		t.Errorf("just before: %d for %s", got, left)
	}
	now = now.Add(1)
	if _, left := c.getTTL(1); left != 0 || len(c.items) != 0 {
		t.Errorf("a minute later: kept for %s, %d kept", left, len(c.items))
	}
	for n := range 20 {
		c.put(n, n)
	}
	if len(c.items) != 20 {
		t.Errorf("%d kept, and there is room for 20", len(c.items))
	}
	if c.put(20, 20); len(c.items) != 19 {
		t.Errorf("%d kept when one more came, want 18 and that one", len(c.items))
	}
	now = now.Add(time.Second)
	c.put(100, 100)
	now = now.Add(time.Minute - time.Second) // all but the last have expired at this instant
	c.makeRoom(now.UnixNano())
	if _, left := c.getTTL(100); left != time.Second || len(c.items) != 1 {
		t.Errorf("%d kept of which one lives", len(c.items))
	}
}

// Names are shown whole up to a length, and cut above.
func TestInvalidNamesAreShownUpToALength(t *testing.T) {
	t.Parallel()
	for n, cut := range map[int]bool{maxShownName: false, maxShownName + 1: true} {
		if got := errInvalidName(strings.Repeat("x", n), "", "why").public; strings.Contains(got, "…") != cut {
			t.Errorf("%d bytes: %s", n, got)
		}
	}
}

// Names that begin as Tableau's own claims do are reserved, in whatever case, the beginning itself
// too.
func TestNamesOfTableausClaimsAreReserved(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		tableauClaims: true, "HTTPS://Tableau.com/": true, tableauClaims + "oda": true, "https://tableau.com": false, "SUB": true, "department": false,
	} {
		if got := isReserved(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A token that was not used for 15 days, or has expired, may have ended for that.
func TestTokensEndByNeglectAndExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := &tokenState{now: func() time.Time { return now }}
	if got := s.endReason(); got != "" {
		t.Errorf("nothing is known: %s", got)
	}
	s.age.worked = now
	now = now.Add(15*24*time.Hour - 1)
	if got := s.endReason(); got != "" {
		t.Errorf("before 15 days: %s", got)
	}
	now = now.Add(1)
	if got := s.endReason(); !strings.Contains(got, "15 days") {
		t.Errorf("after 15 days: %q", got)
	}
	s.age.expires = now.Add(1)
	if got := s.endReason(); !strings.Contains(got, "15 days") {
		t.Errorf("before it expires: %q", got)
	}
	s.age.expires = now
	if got := s.endReason(); !strings.Contains(got, "it expired on") {
		t.Errorf("when it expires: %q", got)
	}
}
