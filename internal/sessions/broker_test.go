package sessions

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"vitrine/auth"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "15"); err != nil { // the command line may ask for more
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

const (
	plainSignIn  = "POST auth/signin"
	impersonated = "POST auth/signin (impersonate)"
	lookUp       = "GET sites/{site}/users"
	oneUser      = "GET sites/{site}/users/{id}"
	signOut      = "POST auth/signout"
)

// clock is a time that tests move.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.at.Load()) }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

// lines is a log that tests read.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// bench is a broker before a stand-in.
type bench struct {
	*Broker
	sim        *tableausim.Server
	server     *httptest.Server
	clock      *clock
	log        *lines
	most       atomic.Int64 // sign-ins at once
	perReplica atomic.Bool  // replicas know nothing of one another: a user may be signed in by several at once
}

var (
	password = Password{Name: "admin", Password: tableau.NewSecret("admin")}
	onePAT   = PAT{Tokens: []Token{token("vitrine-1")}}
	twoPATs  = PAT{Tokens: []Token{token("vitrine-1"), token("vitrine-2")}}
)

func token(name string) Token {
	return Token{Name: name, Secret: tableau.NewSecret("secret of " + name)}
}

// start starts a stand-in and a broker for all its sites. At the end of the test everything has
// been signed out, unless the test closed the broker itself.
func start(t testing.TB, simulator tableausim.Config, change func(*Config)) *bench {
	t.Helper()
	b := &bench{clock: newClock(), log: &lines{}}
	simulator.Now = b.clock.now
	simulator.PATs = map[string]string{}
	for i := range 5 {
		name := fmt.Sprintf("vitrine-%d", i+1)
		simulator.PATs[name] = "secret of " + name
	}
	b.sim = tableausim.New(simulator)
	b.server = httptest.NewServer(b.noOverlap(t, b.sim))
	t.Cleanup(b.server.Close)
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	version := cmp.Or(simulator.APIVersion, "3.24")
	client, err := tableau.New(tableau.Config{URL: b.server.URL, APIVersion: version, HTTP: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Client: client, Now: b.clock.now, Logger: slog.New(slog.NewTextHandler(b.log, nil))}
	sites := []string{"", "marketing", "finance"}
	if simulator.Cloud {
		sites[0] = tableausim.CloudSite
	}
	for _, site := range sites {
		c.Sites = append(c.Sites, Site{ContentURL: site, Method: password})
	}
	if change != nil {
		change(&c)
	}
	if b.Broker, err = New(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.finish(t) })
	return b
}

// noOverlap checks in every test that no user is being signed in twice at the same time.
func (b *bench) noOverlap(t testing.TB, next http.Handler) http.Handler {
	var mu sync.Mutex
	underWay := map[string]bool{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/auth/signin") {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller has gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var ask struct {
			Credentials struct {
				User struct {
					ID string `json:"id"`
				} `json:"user"`
				JWT string `json:"jwt"`
			} `json:"credentials"`
		}
		if err := json.Unmarshal(body, &ask); err != nil {
			t.Errorf("sign-in that cannot be read: %v", err)
		}
		user := ask.Credentials.User.ID
		if claims := claimsOf(t, ask.Credentials.JWT); claims != nil {
			user = fmt.Sprint(claims["sub"], claims["email"])
		}
		mu.Lock()
		if user != "" && underWay[user] && !b.perReplica.Load() {
			t.Errorf("user %s is being signed in twice at once", user)
		}
		underWay[user] = true
		b.most.Store(max(b.most.Load(), int64(len(underWay))))
		mu.Unlock()
		defer func() {
			mu.Lock()
			delete(underWay, user)
			mu.Unlock()
		}()
		next.ServeHTTP(w, r)
	})
}

// finish closes the broker and checks that nobody stays signed in.
func (b *bench) finish(t testing.TB) {
	b.mu.Lock()
	closed := b.closed
	b.mu.Unlock()
	if closed {
		return
	}
	if err := b.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
	for _, left := range b.sim.Sessions() {
		if left.UserID == b.sim.UserID(left.Site, left.User) { // sessions of deleted users are dead already
			t.Errorf("not signed out: %v", left)
		}
	}
}

func by(m Method) func(*Config) {
	return func(c *Config) {
		for i := range c.Sites {
			c.Sites[i].Method = m
		}
	}
}

func identity(name string) *auth.Identity {
	return &auth.Identity{Issuer: "https://idp.example.com", Subject: "sub-" + name, Username: name}
}

// whoAmI reads the user that the session is of, through Tableau.
func (b *bench) whoAmI(ctx context.Context, id *auth.Identity, site string) (string, error) {
	s, err := b.Session(ctx, id, site)
	if err != nil {
		return "", err
	}
	return readSelf(ctx, s)
}

func readSelf(ctx context.Context, s *tableau.Session) (string, error) {
	luid, err := s.UserLUID(ctx)
	if err != nil {
		return "", err
	}
	u, err := s.User(ctx, luid)
	if err != nil {
		return "", err
	}
	return string(u.Name), nil
}

func (b *bench) mustBe(t testing.TB, name, site string) {
	t.Helper()
	got, err := b.whoAmI(t.Context(), identity(name), site)
	if err != nil || got != name {
		t.Fatalf("%s on site %q is %q, %v", name, site, got, err)
	}
}

// counts gives those counts of the stand-in that are asked for.
func (b *bench) counts(templates ...string) map[string]int {
	got := map[string]int{}
	for _, template := range templates {
		if n := b.sim.Count(template); n > 0 {
			got[template] = n
		}
	}
	return got
}

func wantCounts(t testing.TB, b *bench, want map[string]int) {
	t.Helper()
	if diff := gocmp.Diff(want, b.counts(plainSignIn, impersonated, lookUp)); diff != "" {
		t.Errorf("calls to Tableau (-want +got):\n%s", diff)
	}
}

func wantCode(t testing.TB, err error, is error, code string) {
	t.Helper()
	var coded interface {
		Code() string
		Public() string
	}
	switch {
	case !errors.Is(err, is):
		t.Errorf("error is %v, want %v", err, is)
	case !errors.As(err, &coded) || coded.Code() != code || coded.Public() == "":
		t.Errorf("error %v has no code %s, or no public text", err, code)
	}
}

func TestFirstRequestsOfOneUserSignInOnce(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{password, onePAT, twoPATs} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{Latency: 5 * time.Millisecond}, by(m))
			var wait sync.WaitGroup
			for range 200 {
				wait.Go(func() {
					if got, err := b.whoAmI(t.Context(), identity("alice"), ""); err != nil || got != "alice" {
						t.Errorf("alice is %q, %v", got, err)
					}
				})
			}
			wait.Wait()
			wantCounts(t, b, map[string]int{plainSignIn: 1, lookUp: 1, impersonated: 1})
			b.mustBe(t, "alice", "")
			wantCounts(t, b, map[string]int{plainSignIn: 1, lookUp: 1, impersonated: 1})
		})
	}
}

func TestManyUsersSignInOnceEachWithinBounds(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{password, onePAT, twoPATs} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{Latency: time.Millisecond}, by(m))
			var wait sync.WaitGroup
			for i := range 200 {
				name := fmt.Sprintf("user%03d", i)
				if _, err := b.sim.AddUser("", tableausim.User{Name: name}); err != nil {
					t.Fatal(err)
				}
				wait.Go(func() {
					if err := b.Access(t.Context(), identity(name), ""); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				})
			}
			wait.Wait()
			if got := b.sim.Count(impersonated); got != 200 {
				t.Errorf("%d impersonated sign-ins for 200 users", got)
			}
			if most := b.most.Load(); most > 8 {
				t.Errorf("%d sign-ins at once", most)
			}
			if got := b.sim.Count(plainSignIn); m.String() != onePAT.String() && got != 1 {
				t.Errorf("%d service sign-ins", got)
			}
		})
	}
}

func TestSessionsAreKeptApartBySitePersonAndName(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	b.mustBe(t, "alice", "")
	b.mustBe(t, "alice", "marketing")
	other := identity("alice")
	other.Subject = "another subject"
	third := identity("alice")
	third.Issuer = "https://other.example.com"
	for _, id := range []*auth.Identity{other, third} {
		if _, err := b.whoAmI(t.Context(), id, ""); err != nil {
			t.Fatal(err)
		}
	}
	wantCounts(t, b, map[string]int{plainSignIn: 2, lookUp: 4, impersonated: 4})
}

func TestServiceSessionOnlyLooksUpUsers(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	for _, name := range []string{"alice", "bob", "carol"} {
		s, err := b.Session(t.Context(), identity(name), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Workbooks(t.Context(), tableau.ListQuery[tableau.Workbook]{}, 0, 10); err != nil {
			t.Fatal(err)
		}
	}
	for _, call := range b.sim.Log() {
		if call.User == "admin" && call.Template != lookUp && call.Template != plainSignIn {
			t.Errorf("the administrator's session was used for %s %s", call.Method, call.Path)
		}
	}
}

func TestSessionOfUnknownSiteIsRefused(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	_, err := b.Session(t.Context(), identity("alice"), "nowhere")
	wantCode(t, err, ErrSiteUnknown, "SITE_UNKNOWN")
	wantCode(t, b.Access(t.Context(), identity("alice"), "nowhere"), ErrSiteUnknown, "SITE_UNKNOWN")
}

func TestIncompleteIdentityIsRefused(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	for name, id := range map[string]*auth.Identity{
		"nil":        nil,
		"no name":    {Issuer: "https://idp.example.com", Subject: "s"},
		"no subject": {Issuer: "https://idp.example.com", Username: "alice"},
		"no issuer":  {Subject: "s", Username: "alice"},
	} {
		if _, err := b.Session(t.Context(), id, ""); !errors.Is(err, ErrUserUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantCounts(t, b, map[string]int{})
}

func TestAccessSaysOnWhichSitesAUserIs(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	if diff := gocmp.Diff([]string{"", "marketing", "finance"}, b.Sites()); diff != "" {
		t.Error(diff)
	}
	for site, served := range map[string]bool{"": true, "marketing": true, "finance": false} {
		err := b.Access(t.Context(), identity("alice"), site)
		if served && err != nil {
			t.Errorf("alice on %q: %v", site, err)
		}
		if !served {
			wantCode(t, err, ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
		}
	}
}

func TestConfigReportsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := New(Config{MaxSessions: -1, Sites: []Site{
		{ContentURL: "a"},
		{ContentURL: "A", Method: Password{}},
		{ContentURL: "b", Method: PAT{}},
		{ContentURL: "c", Method: PAT{Tokens: []Token{token("x"), token("x")}}},
		{ContentURL: "d", Method: PAT{Tokens: []Token{{Name: "x"}}}},
	}})
	if err == nil {
		t.Fatal("a broken configuration was taken")
	}
	for _, want := range []string{"no client", "negative", `"a" has no sign-in`, `"A" is named twice`, "name and password", "one token at least", "are the same", "name and a secret", "token 1 of the method"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}

func TestMethodsDoNotPrintSecrets(t *testing.T) {
	t.Parallel()
	secret := "marked-secret"
	for _, m := range []Method{
		Password{Name: "admin", Password: tableau.NewSecret(secret)},
		PAT{Tokens: []Token{{Name: "vitrine-1", Secret: tableau.NewSecret(secret)}}},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if s := fmt.Sprintf(verb, m); strings.Contains(s, secret) {
				t.Errorf("%s prints %s", verb, s)
			}
		}
	}
}

// forget logs a person out.
func (b *bench) forget(t interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
}, name string,
) {
	t.Helper()
	if err := b.Forget(t.Context(), identity(name), time.Now()); err != nil {
		t.Errorf("forgetting %s: %v", name, err)
	}
}
