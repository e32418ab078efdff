package sessions

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// tableauThat answers sign-ins with what a test says: a refusal's detail, or nothing for a session.
type tableauThat struct {
	*Broker
	clock *clock
	log   *lines

	mu     sync.Mutex
	answer func(name string) (detail string) // "" signs in
	asked  []map[string]any                  // bodies of sign-ins
}

func startTableauThat(t *testing.T, m Method, version string, answer func(name string) string) *tableauThat {
	t.Helper()
	s := &tableauThat{clock: newClock(), log: &lines{}, answer: answer}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(t, w, r) }))
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client, err := tableau.New(tableau.Config{URL: server.URL, APIVersion: version, HTTP: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	s.Broker, err = New(Config{
		Client: client, Now: s.clock.now, Logger: slog.New(slog.NewTextHandler(s.log, nil)),
		Sites: []Site{{"", m}, {"marketing", m}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	return s
}

func (s *tableauThat) serve(t *testing.T, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if !strings.HasSuffix(r.URL.Path, "/auth/signin") {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	var body struct {
		Credentials map[string]any `json:"credentials"`
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Error(err)
	}
	claims := claimsOf(t, fmt.Sprint(body.Credentials["jwt"]))
	name, ok := claims["sub"].(string)
	if !ok {
		name, _ = claims["email"].(string)
	}
	s.mu.Lock()
	s.asked = append(s.asked, body.Credentials)
	detail := s.answer(name)
	s.mu.Unlock()
	if detail != "" {
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{
			"summary": "Signin Error", "detail": detail, "code": "401001",
		}})
		return
	}
	site := body.Credentials["site"].(map[string]any)["contentUrl"]
	_ = json.NewEncoder(w).Encode(map[string]any{"credentials": map[string]any{
		"token": "a token", "site": map[string]any{"id": "site-luid", "contentUrl": site}, "user": map[string]any{"id": "user-luid"},
	}})
}

func (s *tableauThat) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func (s *tableauThat) access(t *testing.T, name string) error {
	t.Helper()
	return s.Access(t.Context(), identity(name), "")
}

func nobodyRefused(string) string { return "" }

func TestRefusalNumbersSayWhomTheyAreHeldAgainst(t *testing.T) {
	t.Parallel()
	for detail, app := range map[string]bool{
		"Error signing in to Tableau Server (126)":   true,
		"Error signing in to Tableau Server (127)":   true,
		"Error signing in to Tableau Server (10084)": true,
		"Error signing in to Tableau Server (10099)": true,
		"Error signing in to Tableau Server (5)":     false,
		"Error signing in to Tableau Server (16)":    false,
		"Error signing in to Tableau Server (67)":    false,
		"Error signing in to Tableau Server":         false,
		"(126) is not at the end":                    false,
		"the user name was dave (x)":                 false,
		"()":                                         false,
		"too long for a number (1234567)":            false,
	} {
		t.Run(detail, func(t *testing.T) {
			t.Parallel()
			s := startTableauThat(t, directApp, "3.24", func(name string) string {
				if name == "alice" {
					return ""
				}
				return detail
			})
			err := s.access(t, "dave")
			if app {
				wantCode(t, err, ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
				wantCode(t, s.access(t, "alice"), ErrSignIn, "TABLEAU_SIGN_IN_FAILED") // it rests
				if !strings.Contains(s.log.String(), "check that the app is enabled") {
					t.Errorf("the log has no warning: %s", s.log)
				}
				s.clock.advance(firstPause)
			} else {
				wantCode(t, err, ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
			}
			if err := s.access(t, "alice"); err != nil {
				t.Errorf("alice: %v", err)
			}
			if n := s.times(); n != 2 {
				t.Errorf("%d sign-ins", n)
			}
		})
	}
}

func TestFivePeopleRefusedInARowAreHeldAgainstTheApp(t *testing.T) {
	t.Parallel()
	unknown := true
	s := startTableauThat(t, directApp, "3.24", func(name string) string {
		if name == "alice" || !unknown && name != "dave" {
			return ""
		}
		return "Error signing in to Tableau Server (16)"
	})
	refused := func(names ...string) {
		t.Helper()
		for _, name := range names {
			wantCode(t, s.access(t, name), ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
		}
	}
	refused("a", "b", "c", "d")
	if err := s.access(t, "alice"); err != nil { // ends the row
		t.Fatal(err)
	}
	refused("e", "f", "g", "h")
	for range 20 { // one person is one person
		refused("e", "h")
		s.clock.advance(refusalAge)
	}
	n := s.times()
	if n > 60 {
		t.Errorf("%d sign-ins", n)
	}
	wantCode(t, s.access(t, "i"), ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
	wantCode(t, s.access(t, "j"), ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
	if err := s.access(t, "alice"); err != nil {
		t.Errorf("a session that lives is not given: %v", err)
	}
	if s.times() != n+1 || !strings.Contains(s.log.String(), "5 different people in a row") {
		t.Errorf("%d sign-ins more; %s", s.times()-n, s.log)
	}
	s.mu.Lock()
	unknown = false
	s.mu.Unlock()
	s.clock.advance(firstPause)
	for _, name := range []string{"i", "j", "k"} {
		if err := s.access(t, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Tableau says 5 when it looked for the name in vain, so that the app is good: any number of
// strangers stops nobody.
func TestManyStrangersStopNobody(t *testing.T) {
	t.Parallel()
	s := startTableauThat(t, directApp, "3.24", func(name string) string {
		if strings.HasPrefix(name, "stranger") {
			return "Error signing in to Tableau Server (5)"
		}
		return ""
	})
	var wait sync.WaitGroup
	for i := range 300 {
		wait.Go(func() {
			wantCode(t, s.access(t, fmt.Sprintf("stranger%d", i)), ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
		})
		wait.Go(func() {
			if err := s.access(t, fmt.Sprintf("user%d", i)); err != nil {
				t.Errorf("%v", err)
			}
		})
	}
	wait.Wait()
}

func TestBadSecretOfAnAppIsNotHammered(t *testing.T) {
	t.Parallel()
	k := kind{method: directApp, world: tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{
		{ClientID: "client-1", SecretID: "secret-1", Secret: "quite another secret, also rather long", Enabled: true},
	}}}
	b := k.start(t, nil)
	tries := 0
	for _, pause := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute} {
		var wait sync.WaitGroup
		for i := range 100 {
			wait.Go(func() {
				wantCode(t, b.Access(t.Context(), identity(fmt.Sprintf("user%d", i)), ""), ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
			})
		}
		wait.Wait()
		tries++
		if n := b.sim.Count(byJWT); n != tries {
			t.Errorf("%d sign-ins, want %d", n, tries)
		}
		b.clock.advance(pause)
	}
	if n := strings.Count(b.log.String(), "level=ERROR"); n != tries || !strings.Contains(b.log.String(), "number 127") {
		t.Errorf("it was logged %d times:\n%s", n, b.log)
	}
	b.sim.SetConnectedApps(simApp)
	b.mustBe(t, "alice", "")
}

// A server that does not know the method says 400 to everybody: that is not asked again for each.
func TestMethodThatTableauDoesNotKnowIsNotHammered(t *testing.T) {
	t.Parallel()
	uat := UnifiedAccessToken{Issuer: "https://uat.example.com", TenantID: "t", Key: pemOf(t, rsaKey()), Rules: readRules}
	b := kind{method: uat, world: tableausim.Config{APIVersion: "3.27"}}.start(t, nil) // Tableau Server, not Cloud
	for i := range 50 {
		wantCode(t, b.Access(t.Context(), identity(fmt.Sprintf("user%d", i)), ""), ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
	}
	if n := b.sim.Count(byJWT); n != 1 || strings.Count(b.log.String(), "level=ERROR") != 1 {
		t.Errorf("%d sign-ins\n%s", n, b.log)
	}
}

func TestServerTooOldForJWTsIsTheOperatorsMatter(t *testing.T) {
	t.Parallel()
	s := startTableauThat(t, directApp, "3.15", nobodyRefused)
	err := s.access(t, "alice")
	wantCode(t, err, ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
	if s.times() != 0 || !strings.Contains(err.Error(), "needs 3.16") {
		t.Errorf("%d sign-ins, %v", s.times(), err)
	}
}
