package program

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// changed returns a way to load the settings of a program with a change.
func (p *program) changed(change func(*config.Config)) func() (*config.Config, []string, error) {
	return func() (*config.Config, []string, error) {
		c := *p.App.Settings
		change(&c)
		return &c, nil, config.Validate(&c)
	}
}

// TestAHundredReloadsUnderLoadFailNoRequest changes roles, limits and origins while people ask; every
// second reload is refused and changes nothing. Sessions and content links outlive all of them.
func TestAHundredReloadsUnderLoadFailNoRequest(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.AdminListen = "127.0.0.1:0" })
	link := p.link(t, "alice", "image(size: {width: 300, height: 200})")
	tokens := []string{p.Token(t, "alice"), p.Token(t, "bob"), p.Token(t, "carol")}
	for _, token := range tokens {
		p.Post(t, token, harness.WorkbookNames)
	}
	signIns := p.Tableau.Counts()["POST auth/signin"]

	var asked atomic.Int64
	stop, served := make(chan struct{}), make(chan struct{}, 1)
	var load sync.WaitGroup
	for _, token := range tokens {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r, err := p.Query(t.Context(), token, harness.WorkbookNames)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := harness.Exchange(r)
				if err != nil || got.Status != http.StatusOK || got.Codes() != "" {
					t.Errorf("a request failed: %v, %+v", err, got)
					return
				}
				asked.Add(1)
				select {
				case served <- struct{}{}:
				default:
				}
			}
		})
	}
	rounds := 100
	if harness.Race { // each reload compiles the roles
		rounds = 20
	}
	roles := p.App.Settings.Roles
	for n := range rounds {
		if t.Failed() {
			break
		}
		<-served // a request at least between two reloads
		err := p.App.Reload(p.changed(func(c *config.Config) {
			c.Roles = append(roles[:len(roles):len(roles)], config.Role{Name: "extra", Allow: []string{"CATALOG"}})
			c.Limits.Cost = 400_000 + n
			c.CORS.Origins = []string{"https://portal.example.com"}
		}))
		if err != nil {
			t.Fatal(err)
		}
		broken := errors.New("vitrine.yaml:7:3: broken on purpose")
		if err := p.App.Reload(func() (*config.Config, []string, error) { return nil, nil, broken }); !errors.Is(err, broken) {
			t.Fatalf("a broken file gives %v", err)
		}
	}
	close(stop)
	load.Wait()
	if res, _ := p.fetch(t, link); res.StatusCode != http.StatusOK {
		t.Errorf("a content link of before gets %d", res.StatusCode)
	}
	if n := p.Tableau.Counts()["POST auth/signin"]; n != signIns {
		t.Errorf("%d sign-ins because of reloads", n-signIns)
	}
	log := p.Log.String()
	if strings.Count(log, "settings replaced") != rounds || strings.Count(log, "broken on purpose") != rounds {
		t.Error("the log does not say what happened to each")
	}
	if got := p.Post(t, tokens[0], `{ viewer { roles } }`); !strings.Contains(got.Body, "extra") {
		t.Errorf("the last settings are not in use: %s", got.Body)
	}
	_, text := scrape(t, p, "/metrics")
	for _, want := range []string{fmt.Sprintf("vitrine_reloads_total %d", rounds), fmt.Sprintf("vitrine_reload_failures_total %d", rounds)} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	t.Logf("%d requests during %d reloads, every second one refused", asked.Load(), 2*rounds)
}

// TestReloadsThatNeedARestartAreRefused holds that nothing of them is taken.
func TestReloadsThatNeedARestartAreRefused(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	for want, change := range map[string]func(*config.Config){
		"listen, tableau": func(c *config.Config) { c.Listen, c.Tableau.APIVersion, c.Roles = "127.0.0.1:1", "3.20", nil },
	} {
		if err := p.App.Reload(p.changed(func(c *config.Config) {
			change(c)
			c.Roles = []config.Role{{Name: "nobody", When: config.When{Group: "nobody"}, Allow: []string{"CATALOG"}}}
		})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if got := p.Post(t, p.Token(t, "alice"), harness.WorkbookNames); got.Codes() != "" {
		t.Errorf("a refused reload changed something: %s", got.Body)
	}
}

// TestReloadedRolesHoldAtOnce takes a role away from a person who is signed in.
func TestReloadedRolesHoldAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.Cache.TTL = 5 * time.Minute })
	token, link := p.Token(t, "alice"), p.link(t, "alice", "image(size: {width: 300, height: 200})")
	cached := func() *harness.Answer { // without calls, so that the answer is kept
		return harness.Send(t, p.request(t, http.MethodPost, "/graphql", token, `{"query":"{ site(contentUrl: \"\") { workbooks { nodes { description } } } }"}`))
	}
	for range 2 {
		if got := cached(); got.Codes() != "" {
			t.Fatal(got.Body)
		}
	}
	if err := p.App.Reload(p.changed(func(c *config.Config) {
		c.Roles = slices.Clone(c.Roles)
		for i := range c.Roles {
			c.Roles[i].Deny = append(slices.Clone(c.Roles[i].Deny), "Workbook.description")
		}
	})); err != nil {
		t.Fatal(err)
	}
	if got := cached(); got.Codes() != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("a field that was taken away is answered from the cache: %s", got.Body)
	}
	if err := p.App.Reload(p.changed(func(c *config.Config) {
		c.Roles = []config.Role{{Name: "others", When: config.When{Group: "no-such-group"}, Allow: []string{"CATALOG"}}}
	})); err != nil {
		t.Fatal(err)
	}
	if got := p.Post(t, token, harness.WorkbookNames); got.Status != http.StatusForbidden {
		t.Errorf("somebody without roles gets %d %s", got.Status, got.Body)
	}
	if res, _ := p.fetch(t, link); res.StatusCode != http.StatusNotFound {
		t.Errorf("a content link of somebody without roles gets %d", res.StatusCode)
	}
}

// TestReloadReplacesTheSecretOfTheConnectedApp signs one person in before, and one after.
func TestReloadReplacesTheSecretOfTheConnectedApp(t *testing.T) {
	t.Parallel()
	next := harness.SimApp
	next.SecretID, next.Secret = "secret-2", "marked-secret-2-0123456789-abcdefghij"
	p := start(t, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{harness.SimApp}}, func(c *config.Config) { c.Tableau.SignIn = harness.DirectTrust() })
	if got := p.Post(t, p.Token(t, "alice"), harness.WorkbookNames); got.Codes() != "" {
		t.Fatal(got.Body)
	}
	p.Tableau.SetConnectedApps(next)
	if err := p.App.Reload(p.changed(func(c *config.Config) {
		c.Tableau.SignIn.SecretID, c.Tableau.SignIn.Secret = next.SecretID, config.Secret(next.Secret)
	})); err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"alice", "bob"} {
		if got := p.Post(t, p.Token(t, user), harness.WorkbookNames); got.Codes() != "" {
			t.Errorf("%s: %s", user, got.Body)
		}
	}
	if log := p.Log.String(); strings.Count(log, "a secret was replaced") != 1 || strings.Contains(log, "marked-secret-2") {
		t.Error("the log does not say so, or has the secret")
	}
}
