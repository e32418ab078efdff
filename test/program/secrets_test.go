//go:build unix

package program

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/auth"
	"vitrine/internal/config"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/policy"
	"vitrine/internal/server"
	"vitrine/internal/standin"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/internal/telemetry"
	"vitrine/resolvers"
	"vitrine/test/harness"
)

// What is secret in these tests; each differs from everything else.
const (
	markedPassword = "marked-password-of-the-administrator"
	markedPAT      = "marked-secret-of-token-"
	markedRedis    = "marked-password-of-redis"
	markedRootKey  = "marked-root-key-0123456789-abcdefghijklmnop"
)

// watchedSecrets runs the program with everything that is secret marked, and keeps everything that
// it sends.
type watchedSecrets struct {
	*program
	t       *testing.T
	method  harness.SignInMethod
	redis   *redisServer
	mu      sync.Mutex
	secrets map[string]string
	seen    strings.Builder
}

// tell keeps what somebody received.
func (w *watchedSecrets) tell(all ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = fmt.Fprintln(&w.seen, all...)
}

// tellError keeps an error as every verb prints it, and all that it was made of.
func (w *watchedSecrets) tellError(err error) {
	for ; err != nil; err = errors.Unwrap(err) {
		w.tell(fmt.Sprintf("%v %+v %#v %q", err, err, err, err))
		if e, ok := err.(interface{ Public() string }); ok {
			w.tell(e.Public())
		}
	}
}

func (w *watchedSecrets) mark(what, secret string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets[what] = secret
}

// markSessions marks the tokens of all sessions that live: each part, whatever it is joined with.
func (w *watchedSecrets) markSessions() {
	for _, s := range w.Tableau.Sessions() {
		for i, part := range strings.Split(s.Token, "|") {
			if i < 2 { // the third is the LUID of the site, which answers contain
				w.mark(fmt.Sprintf("part %d of a Tableau token", i+1), part)
				w.mark("the Tableau token "+part, part)
			}
		}
	}
}

func startWatched(t *testing.T, m harness.SignInMethod) *watchedSecrets {
	w := &watchedSecrets{t: t, method: m, secrets: map[string]string{}, redis: &redisServer{password: markedRedis}}
	w.redis.start(t)
	t.Cleanup(w.redis.stop)
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", m.World)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	if !m.Cloud {
		if err := stand.Tableau.SetPassword("admin", markedPassword); err != nil {
			t.Fatal(err)
		}
	}
	w.program = serve(t, stand, func(c *config.Config) {
		if m.SignIn.Method != "" {
			c.Tableau.SignIn = m.SignIn
		}
		if m.SignIn.Method == config.MethodPassword {
			c.Tableau.SignIn.Password = markedPassword
		}
		for i := range c.Tableau.SignIn.Tokens {
			c.Tableau.SignIn.Tokens[i].Secret = config.Secret(w.renewToken(stand, i))
		}
		if m.Cloud {
			harness.OnCloud(c)
		}
		c.Keys = []config.Secret{markedRootKey}
		c.SharedStore = config.SharedStore{Redis: "redis://127.0.0.1:" + w.redis.port, Password: markedRedis, Timeout: time.Second}
	})
	stand.Tableau.SetTrustedIssuers(tableausim.TrustedIssuer{URL: w.Address + "/tableau-issuer"})
	w.mark("password", markedPassword)
	w.mark("password of Redis", markedRedis)
	w.mark("root key", markedRootKey)
	w.mark("secret of the connected app", harness.SimApp.Secret)
	w.mark("a JWT's header", base64.RawURLEncoding.EncodeToString([]byte(`{"alg"`)))
	block, _ := pem.Decode([]byte(harness.SigningPEM().Reveal()))
	for i := range 3 {
		part := block.Bytes[len(block.Bytes)/3*i:][:48]
		w.mark(fmt.Sprintf("part %d of the key of JWTs", i), base64.StdEncoding.EncodeToString(part))
		w.mark(fmt.Sprintf("part %d of the key of JWTs, as numbers", i), strings.Trim(fmt.Sprint(part), "[]"))
		w.mark(fmt.Sprintf("part %d of the key of JWTs, as it is", i), string(part))
	}
	return w
}

// renewToken gives a personal access token another secret in Tableau.
func (w *watchedSecrets) renewToken(s *standin.Servers, i int) string {
	name := s.PATNames()[i]
	secret := fmt.Sprint(markedPAT, i, "-", len(w.secrets))
	w.mark("secret of "+name+" "+secret, secret)
	if err := s.Tableau.AddPAT(tableausim.PAT{Name: name, Secret: secret}); err != nil {
		w.t.Fatal(err)
	}
	return secret
}

func (w *watchedSecrets) site() string {
	if w.method.Cloud {
		return tableausim.CloudSite
	}
	return ""
}

// ask has everybody ask, in the ways that work and in some that do not.
func (w *watchedSecrets) ask() {
	query := fmt.Sprintf(`{ viewer { username } sites { contentUrl } site(contentUrl: %q) { me { name } workbooks(first: 5) { nodes { name owner { name } } } } }`, w.site())
	for _, user := range []string{"alice", "bob", "dave"} {
		token := w.Token(w.t, user)
		for i, part := range strings.Split(token, ".") {
			w.mark(fmt.Sprintf("part %d of an OpenID token of %s %s", i, user, part), part)
		}
		for _, r := range []*http.Request{
			w.request(w.t, http.MethodPost, "/graphql", token, fmt.Sprintf(`{"query":%q,"extensions":{"vitrine":{"calls":true}}}`, query)),
			w.request(w.t, http.MethodPost, "/graphql", token+"x", `{"query":"{viewer{username}}"}`),
			w.request(w.t, http.MethodGet, "/graphql?access_token="+token+"&query=%7Bviewer", token, ""),
			w.request(w.t, http.MethodGet, "/"+token, token, ""),
		} {
			got := harness.Send(w.t, r)
			w.tell(got.Status, got.Header, got.Body)
		}
		id := &auth.Identity{Issuer: w.Issuer, Subject: "another subject of " + user, Username: user}
		w.tellError(w.App.Broker.Access(w.t.Context(), id, w.site()))
		w.markSessions()
	}
}

// breakCredentials has Tableau know other credentials than the settings.
func (w *watchedSecrets) breakCredentials() {
	w.Tableau.SetConnectedApps(tableausim.ConnectedApp{ClientID: harness.SimApp.ClientID, SecretID: harness.SimApp.SecretID, Secret: "another-secret-0123456789-abcdefghij", Enabled: true})
	w.Tableau.SetTrustedIssuers()
	w.Tableau.SetUnifiedAccess()
	for i := range w.PATNames() {
		w.renewToken(w.Servers, i)
	}
	if !w.method.Cloud {
		if err := w.Tableau.SetPassword("admin", "another"); err != nil {
			w.t.Fatal(err)
		}
	}
	w.Tableau.EndSessions(nil)
}

// tellingSessions panics with what is at hand where a request is answered and nothing changes
// meanwhile: settings with all their secrets, the caller, and why there is no session.
type tellingSessions struct {
	resolvers.Sessions
	app *server.App
}

func (s tellingSessions) Session(ctx context.Context, id *auth.Identity, site string) (*tableau.Session, error) {
	_, err := s.Sessions.Session(ctx, id, site)
	for _, v := range []any{s.app.Settings, *s.app.Settings, id, *id} {
		err = errors.Join(err, fmt.Errorf("%v %+v %#v", v, v, v))
	}
	panic(err)
}

// panics has a request end in a panic with as many details as possible: inside of GraphQL, and
// where only the middleware is above.
func (w *watchedSecrets) panics() {
	broken := tellingSessions{w.App.Broker, w.App}
	roles, err := server.NewPolicy(w.App.Settings)
	if err != nil {
		w.t.Fatal(err)
	}
	graphql := resolvers.New(resolvers.Config{
		Config: graphqlhttp.Config{
			Policy: roles, RequestID: telemetry.RequestID, Observe: telemetry.Add, Limits: policy.Limits{DocumentBytes: 10_000, Tokens: 1000, Depth: 20},
		},
		Sessions: broken, Tableau: w.App.Client, First: 100,
	})
	server := httptest.NewServer(telemetry.Middleware(w.App.Logger, w.App.Verifier.Middleware(graphql)))
	defer server.Close()
	again := program{&harness.Program{Servers: w.Servers, Address: server.URL}}
	got := again.Post(w.t, w.Token(w.t, "alice"), fmt.Sprintf(`{ site(contentUrl: %q) { me { name } } }`, w.site()))
	if got.Codes() != "INTERNAL" {
		w.t.Errorf("a panic is answered with %d %s", got.Status, got.Body)
	}
	w.tell(got.Status, got.Header, got.Body)
	bare := httptest.NewServer(telemetry.Middleware(w.App.Logger, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = broken.Session(r.Context(), &auth.Identity{}, "")
	})))
	defer bare.Close()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, bare.URL, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	got = harness.Send(w.t, r)
	if got.Status != http.StatusInternalServerError {
		w.t.Errorf("a panic is answered with %d %s", got.Status, got.Body)
	}
	w.tell(got.Status, got.Header, got.Body)
}

// search looks for everything that is marked in everything that was received.
func (w *watchedSecrets) search(dump []byte) {
	w.t.Helper()
	log := w.Log.String()
	if len(w.secrets) < 20 || !strings.Contains(log, "panic") || !strings.Contains(log, "TABLEAU_SIGN_IN_FAILED") {
		w.t.Errorf("%d secrets are known, or the log has no failure: the test sees too little", len(w.secrets))
	}
	for what, secret := range w.secrets {
		if len(secret) < 6 {
			w.t.Fatalf("%s is too short to be looked for", what)
		}
		for where, text := range map[string]string{"the log": log, "an answer or an error": w.seen.String(), "Redis": string(dump)} {
			for form, marked := range map[string]string{"plain": secret, "base64": base64.StdEncoding.EncodeToString([]byte(secret)), "quoted": strings.Trim(fmt.Sprintf("%q", secret), `"`)} {
				if i := strings.Index(text, marked); i >= 0 {
					w.t.Errorf("%s holds %s (%s): …%.120q", where, what, form, text[max(0, i-60):])
				}
			}
		}
	}
}

// TestMarkedSecretsAreToldNowhere lets everything go wrong that can, for each sign-in method, and
// searches the log at its most talkative, all answers, all errors in every way of printing them,
// panics, and the file that Redis writes.
func TestMarkedSecretsAreToldNowhere(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("there is no redis-server here (Debian package redis-server): what Redis holds cannot be searched")
	}
	for name, m := range harness.SignInMethods(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := startWatched(t, m)
			w.ask()
			dump := w.redis.dump(t)
			if len(dump) < 1000 {
				t.Errorf("Redis holds %d bytes: the test sees too little", len(dump))
			}
			for _, kind := range []tableausim.FaultKind{
				tableausim.Status401002, tableausim.TooMany, tableausim.ServerError, tableausim.HTMLPage, tableausim.CutBody,
			} {
				w.Tableau.EndSessions(nil)
				remove := w.Tableau.Fault(tableausim.Fault{Kind: kind})
				w.ask()
				remove()
			}
			w.redis.stop()
			w.ask()
			w.redis.password = "another"
			w.redis.start(t) // it refuses the password
			w.breakCredentials()
			w.ask()
			w.redis.stop()
			w.panics()
			w.search(dump)
		})
	}
}

// TestCheckTellsNoSecret has check find everything right, and then everything wrong.
func TestCheckTellsNoSecret(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("there is no redis-server here (Debian package redis-server): check cannot try one")
	}
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	redis := &redisServer{password: markedRedis}
	redis.start(t)
	t.Cleanup(redis.stop)
	if err := errors.Join(s.Tableau.SetPassword("admin", markedPassword), s.Tableau.AddPAT(tableausim.PAT{Name: "vitrine-1", Secret: markedPAT + "1"})); err != nil {
		t.Fatal(err)
	}
	for name, signIn := range map[string]string{
		"password":  "{method: password, name: admin, passwordFile: password}",
		"a token":   "{method: personalAccessToken, tokens: [{name: vitrine-1, secretFile: pat}]}",
		"an app":    "{method: connectedApp, trust: direct, clientID: client-1, secretID: secret-1, secretFile: app}",
		"an issuer": "{method: connectedApp, trust: oauth, keyFile: pem}",
	} {
		file := filepath.Join(t.TempDir(), "vitrine.yaml")
		files := map[string]string{
			"password": markedPassword, "pat": markedPAT + "1", "app": harness.SimApp.Secret, "pem": harness.SigningPEM().Reveal(), "redis": markedRedis, "key": markedRootKey,
			"vitrine.yaml": fmt.Sprintf(`
listen: "127.0.0.1:0"
tableau: {url: %q, signIn: %s, sites: [""]}
oidc: [{issuer: %q, audiences: [vitrine], username: {claim: preferred_username}}]
roles: [{name: everyone, allow: [CATALOG]}]
keyFiles: [key]
sharedStore: {redis: "redis://127.0.0.1:%s", passwordFile: redis, timeout: 5s}
`, s.TableauURL, signIn, s.Issuer, redis.port),
		}
		for round := range 2 {
			for name, text := range files {
				if round == 1 && name != "vitrine.yaml" && name != "pem" {
					text = "wrong-" + text
				}
				if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			out, log, err := call(t, nil, "check", "--config", file, "--user", "alice")
			seen := out + log + fmt.Sprintf("%v %+v %#v", err, err, err)
			if (err == nil) != (round == 0 && (name == "password" || name == "a token")) {
				t.Errorf("%s, round %d: %v\n%s", name, round, err, out)
			}
			for _, secret := range []string{"marked-", "eyJ", "MII"} {
				if strings.Contains(seen, secret) {
					t.Errorf("%s, round %d: check prints %q:\n%s", name, round, secret, seen)
				}
			}
		}
	}
	if !bytes.Contains(redis.dump(t), []byte("REDIS")) {
		t.Error("that is no file of Redis")
	}
}
