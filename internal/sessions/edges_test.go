package sessions

import (
	"strings"
	"testing"
	"time"
)

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
