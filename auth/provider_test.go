package auth

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// realProvider is npm's oidc-provider, a certified OpenID provider that nobody
// here wrote, as a process on loopback. Commands and answers are lines.
type realProvider struct {
	t      *testing.T
	issuer string
	in     io.Writer
	out    *bufio.Scanner
}

const (
	vitrineResource = "urn:vitrine"
	opaqueResource  = "urn:vitrine-opaque"
	callback        = "https://front-end.example/callback"
)

// startProvider skips the test, aloud, where Node is missing.
func startProvider(t *testing.T) *realProvider {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: node is not installed, so there is no real OpenID provider to test against")
	}
	dir := filepath.Join("testdata", "oidc-provider")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "oidc-provider")); err != nil {
		t.Log("running npm ci for the OpenID provider, because node_modules is missing")
		npm := exec.CommandContext(t.Context(), "npm", "ci")
		npm.Dir = dir
		if out, err := npm.CombinedOutput(); err != nil {
			t.Skipf("SKIPPED: the packages of the OpenID provider cannot be installed (npm ci in auth/%s: %v), so there is no real provider to test against\n%s", dir, err, out)
		}
	}
	cmd := exec.Command(node, "provider.mjs")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // the provider ends with its input
		if err := cmd.Wait(); err != nil {
			t.Errorf("provider: %v", err)
		}
	})
	p := &realProvider{t: t, in: in, out: bufio.NewScanner(out)}
	var first struct{ Issuer string }
	p.read(&first)
	p.issuer = first.Issuer
	return p
}

func (p *realProvider) read(v any) {
	p.t.Helper()
	if !p.out.Scan() {
		p.t.Fatalf("the provider ended: %v", p.out.Err())
	}
	if err := json.Unmarshal(p.out.Bytes(), v); err != nil {
		p.t.Fatalf("the provider said %q: %v", p.out.Text(), err)
	}
}

// command writes one line and reads the answer into v.
func (p *realProvider) command(name string, v any) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.in, name); err != nil {
		p.t.Fatal(err)
	}
	p.read(v)
}

// do gives a command whose answer says nothing new.
func (p *realProvider) do(name string) {
	p.t.Helper()
	p.command(name, &struct{}{})
}

// fetches is how often the key set was asked for so far.
func (p *realProvider) fetches() int {
	p.t.Helper()
	counts := map[string]int{}
	p.command("counts", &counts)
	return counts["/jwks"]
}

// issued is what the token endpoint answers.
type issued struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	IDToken      string `json:"id_token"`
	TokenType    string `json:"token_type"`
}

func (p *realProvider) post(form url.Values) issued {
	p.t.Helper()
	resp, err := http.PostForm(p.issuer+"/token", form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("token endpoint: %s %s %v", resp.Status, body, err)
	}
	var tokens issued
	if err := json.Unmarshal(body, &tokens); err != nil {
		p.t.Fatal(err)
	}
	return tokens
}

// signIn goes the way of a browser: authorization code with PKCE. The provider
// signs in the user that login_hint names. With a resource the access token is a JWT
// for it; without, it is opaque and for UserInfo.
func (p *realProvider) signIn(who, resource string) issued {
	p.t.Helper()
	const verifier = "a-verifier-that-is-long-enough-for-the-rfc-7636"
	sum := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"client_id": {"front-end"}, "response_type": {"code"}, "redirect_uri": {callback},
		"scope": {"openid email read"}, "nonce": {"n-1"}, "login_hint": {who},
		"code_challenge": {b64(sum[:])}, "code_challenge_method": {"S256"},
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"front-end"},
		"redirect_uri": {callback}, "code_verifier": {verifier},
	}
	if resource != "" {
		query.Set("resource", resource)
		form.Set("resource", resource)
	}
	form.Set("code", p.code(p.issuer+"/auth?"+query.Encode()))
	return p.post(form)
}

// code follows the redirects up to the callback, as a browser with cookies does.
func (p *realProvider) code(at string) string {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	var end *url.URL
	client := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 10 {
			return errors.New("too many redirects")
		}
		if strings.HasPrefix(r.URL.String(), callback) {
			end = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	resp, err := client.Get(at)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if end == nil || end.Query().Get("code") == "" {
		p.t.Fatalf("signing in ended with %s at %v", resp.Status, end)
	}
	return end.Query().Get("code")
}

// machine gets a token for no person at all.
func (p *realProvider) machine() string {
	p.t.Helper()
	return p.post(url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"machine"},
		"client_secret": {"machine-secret-of-the-test"}, "resource": {vitrineResource}, "scope": {"read"},
	}).AccessToken
}

// verifier is for the provider, on a clock that the test moves: the provider's
// own time plus what was added.
func (p *realProvider) verifier(change func(*Issuer)) (*Verifier, func(time.Duration)) {
	p.t.Helper()
	var mu sync.Mutex
	var ahead time.Duration
	i := Issuer{
		URL: p.issuer, Audiences: []string{"vitrine"}, Leeway: 5 * time.Second,
		Username: UsernameRule{Claim: "email", RequireVerified: true, StripDomain: "example.com"},
		Groups:   GroupsRule{Claim: "groups"},
		Client:   &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	if change != nil {
		change(&i)
	}
	v := newVerifier(p.t, Config{Issuers: []Issuer{i}, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.Now().Add(ahead)
	}})
	return v, func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		ahead += d
	}
}

func TestRealProviderTokens(t *testing.T) {
	p := startProvider(t)
	v, _ := p.verifier(nil)
	if errs := v.Check(context.Background()); errs != nil {
		t.Fatal(errors.Join(errs...))
	}
	alice := p.signIn("alice", vitrineResource)
	id, err := v.Verify(context.Background(), alice.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{id.Issuer, id.Subject, id.Username, id.Groups}
	if diff := cmp.Diff([]any{p.issuer, "alice", "alice", []string{"all", "bi-analysts"}}, got); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	wantStatus(t, v, alice.IDToken, 401)
	wantStatus(t, v, p.signIn("alice", "").AccessToken, 401) // opaque
	wantStatus(t, v, p.signIn("mallory", vitrineResource).AccessToken, 403)
	wantStatus(t, v, p.machine(), 403)

	t.Run("ID tokens are distinguished where plain JWTs pass", func(t *testing.T) {
		v, _ := p.verifier(func(i *Issuer) {
			i.TokenTypes, i.Audiences = []string{"at+jwt", "JWT"}, []string{"vitrine", "front-end"}
		})
		wantStatus(t, v, alice.IDToken, 401)
		wantStatus(t, v, alice.AccessToken, 200)
	})
	t.Run("ID tokens pass where they are accepted", func(t *testing.T) {
		v, _ := p.verifier(func(i *Issuer) {
			i.AcceptIDTokens, i.Audiences = true, []string{"front-end"}
			i.Username = UsernameRule{Claim: "sub"}
		})
		wantStatus(t, v, alice.IDToken, 200)
		wantStatus(t, v, alice.AccessToken, 401) // not for this audience
	})
	t.Run("UserInfo refuses a token for another resource", func(t *testing.T) {
		v, _ := p.verifier(func(i *Issuer) { i.UserInfo, i.Username = true, UsernameRule{Claim: "nickname"} })
		wantStatus(t, v, alice.AccessToken, 401)
	})
}

func TestRealProviderRotatesItsKeys(t *testing.T) {
	p := startProvider(t)
	v, pass := p.verifier(nil)
	before := p.machine()
	wantStatus(t, v, p.signIn("alice", vitrineResource).AccessToken, 200)
	if n := p.fetches(); n != 1 {
		t.Errorf("%d fetches at first, want 1", n)
	}
	p.do("rotate")
	wantStatus(t, v, p.signIn("alice", vitrineResource).AccessToken, 200)
	if n := p.fetches(); n != 2 {
		t.Errorf("%d fetches after the rotation, want 2", n)
	}
	wantStatus(t, v, before, 401) // its key is gone

	// A flood: invented key ids, and bad signatures by a known key.
	good := p.signIn("alice", vitrineResource).AccessToken
	flood := floodOf(t, good, 1000)
	for interval := 1; interval <= 3; interval++ {
		pass(leastInterval)
		for _, raw := range flood {
			if _, err := v.Verify(t.Context(), raw); status(err) != 401 && status(err) != 503 { // 503: not asked for yet
				t.Fatalf("a bad token: status %d, %v", status(err), err)
			}
		}
		flood = floodOf(t, good, 100)
		if n := p.fetches(); n > 2+interval {
			t.Errorf("%d fetches after %d intervals of flood, want at most %d", n, interval, 2+interval)
		}
	}
	wantStatus(t, v, good, 200)
}

// floodOf makes bad tokens out of a good one.
func floodOf(t *testing.T, good string, n int) []string {
	t.Helper()
	parts := strings.Split(good, ".")
	raw := make([]string, 0, n)
	for i := range n / 2 {
		kid := fmt.Sprintf("%d-%d", time.Now().UnixNano(), i)
		header := b64(marshal(t, dict{"alg": "ES256", "typ": "at+jwt", "kid": kid}))
		sig := []byte(strings.Repeat("s", 64))
		sig[0] = byte(i)
		raw = append(raw, header+"."+parts[1]+"."+parts[2], parts[0]+"."+parts[1]+"."+b64(sig))
	}
	return raw
}

func TestRealProviderStops(t *testing.T) {
	p := startProvider(t)
	v, pass := p.verifier(nil)
	alice := p.signIn("alice", vitrineResource).AccessToken
	again := p.signIn("alice", vitrineResource).AccessToken
	wantStatus(t, v, alice, 200)
	p.do("rotate")
	rotated := p.signIn("alice", vitrineResource).AccessToken
	p.do("stop")
	if errs := v.Check(context.Background()); len(errs) != 1 || !strings.Contains(errs[0].Error(), "check host and port in oidc[0].issuer") {
		t.Errorf("Check while the provider is down: %v", errs)
	}
	for range 2 {
		wantStatus(t, v, alice, 200)
		wantStatus(t, v, again, 200) // never seen before
		wantStatus(t, v, rotated, 503)
		for _, raw := range floodOf(t, alice, 100)[1:] {
			if _, err := v.Verify(context.Background(), raw); status(err) != 401 && status(err) != 503 {
				t.Fatalf("a bad token got %d: %v", status(err), err)
			}
		}
		pass(refreshAge)
	}
	p.do("start")
	pass(leastInterval)
	wantStatus(t, v, rotated, 200)
	wantStatus(t, v, again, 401) // its key is gone
}
