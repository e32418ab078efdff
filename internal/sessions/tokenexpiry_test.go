package sessions

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

func TestReplacedSecretIsReadAgain(t *testing.T) {
	t.Parallel()
	b := &bench{}
	var mu sync.Mutex
	files := map[string]string{"vitrine-1": "secret of vitrine-1", "vitrine-2": "secret of vitrine-2"}
	write := func(name, secret string) {
		mu.Lock()
		defer mu.Unlock()
		files[name] = secret
	}
	var m PAT
	for _, name := range []string{"vitrine-1", "vitrine-2"} {
		tok := token(name)
		tok.Reread = func() (tableau.Secret, error) {
			mu.Lock()
			defer mu.Unlock()
			if files[name] == "" {
				return tableau.Secret{}, errors.New("there is no such file")
			}
			return tableau.NewSecret(files[name]), nil
		}
		m.Tokens = append(m.Tokens, tok)
	}
	b = start(t, tableausim.Config{}, by(m))
	b.mustBe(t, "alice", "")
	replace := func(name, secret string) {
		if err := b.sim.AddPAT(tableausim.PAT{Name: name, Secret: secret}); err != nil {
			t.Fatal(err)
		}
	}

	replace("vitrine-2", "second-marked-secret") // in Tableau first, in the file a moment later
	_, err := b.whoAmI(t.Context(), identity("bob"), "")
	wantCode(t, err, ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
	write("vitrine-2", "second-marked-secret")
	b.clock.advance(reloadInterval) // much less than the credential would rest
	b.mustBe(t, "bob", "")

	write("vitrine-1", "third-marked-secret") // file and Tableau at once: nobody fails
	replace("vitrine-1", "third-marked-secret")
	b.sim.EndSessions(nil)
	b.mustBe(t, "alice", "")
	b.mustBe(t, "carol", "marketing")
	b.mustBe(t, "carol", "")

	write("vitrine-2", "") // a file that is gone changes nothing
	b.sim.EndSessions(nil)
	b.clock.advance(time.Minute)
	b.mustBe(t, "alice", "")
	if text := b.log.String(); strings.Contains(text, "marked-secret") || !strings.Contains(text, "cannot be read again") {
		t.Errorf("the log shows a secret, or nothing:\n%s", text)
	}
}

func TestEndOfATokenIsTold(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, by(twoPATs))
	again := func() {
		b.sim.EndSessions(nil)
		b.mustBe(t, "alice", "")
	}
	again()
	if strings.Contains(b.log.String(), "ends soon") {
		t.Error("the end is logged a year ahead")
	}
	if err := b.sim.AddPAT(tableausim.PAT{Name: "vitrine-2", Secret: "secret of vitrine-2", Lifetime: 10*24*time.Hour + time.Hour}); err != nil {
		t.Fatal(err)
	}
	for range 2 * 24 * 2 { // two days, each half an hour
		again()
		b.clock.advance(30 * time.Minute)
	}
	if n := strings.Count(b.log.String(), "ends soon"); n != 2 || !strings.Contains(b.log.String(), "daysLeft=10") {
		t.Errorf("logged %d times in two days:\n%s", n, b.log)
	}
	for range 9 {
		b.clock.advance(24 * time.Hour)
		_, _ = b.whoAmI(t.Context(), identity("bob"), "")
	}
	_, err := b.whoAmI(t.Context(), identity("carol"), "")
	wantCode(t, err, ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
	if !strings.Contains(b.log.String(), "it expired on 2026-05-14") {
		t.Errorf("the log does not say that it expired:\n%s", b.log)
	}
}

func TestTokenThatWasNotUsedForTooLongIsTold(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, by(onePAT))
	b.mustBe(t, "alice", "")
	b.clock.advance(16 * 24 * time.Hour)
	_, err := b.whoAmI(t.Context(), identity("alice"), "")
	wantCode(t, err, ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
	if !strings.Contains(b.log.String(), "not used for 15 days") {
		t.Errorf("the log does not say why:\n%s", b.log)
	}
}
