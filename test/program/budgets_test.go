package program

import (
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
)

// authorized sends a query with whatever is in Authorization.
func (p *program) authorized(t testing.TB, authorization string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Address+"/graphql", strings.NewReader(`{"query":"{ viewer { username } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", authorization)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer
}

// An address that sends tokens which are no good runs out of points, and is then refused before its
// token is looked at.
func TestAddressThatGuessesTokensIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.Limits.PerAddress = 100 })
	refused, limited := 0, 0
	for range 25 { // two minutes of the clock at most: 20 tokens are looked at then
		switch answer := p.authorized(t, "Bearer nonsense"); answer.StatusCode {
		case http.StatusUnauthorized:
			refused++
		case http.StatusTooManyRequests:
			limited++
			if answer.Header.Get("Retry-After") == "" || answer.Header.Get("Content-Type") != "application/json; charset=utf-8" {
				t.Errorf("%v", answer.Header)
			}
		default:
			t.Errorf("%s", answer.Status)
		}
	}
	if limited < 5 || refused < 10 {
		t.Errorf("%d tokens were looked at, %d requests were not", refused, limited)
	}
	if answer := p.authorized(t, "Bearer "+p.Token(t, "alice")); answer.StatusCode != http.StatusTooManyRequests && refused < 20 {
		t.Errorf("a good token from there: %s", answer.Status)
	}
	if log := p.Log.String(); !strings.Contains(log, "limits.perAddress") {
		t.Error("the log does not tell")
	}
}

// Content links are calls to Tableau that need no token: the address that fetches them pays, also
// for those that are no good.
func TestFetchesOfContentAreChargedToTheAddress(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]string{"good": "", "guessed": "A"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, tableausim.Config{}, func(c *config.Config) { c.Limits.PerAddress = 200 })
			address := p.link(t, "alice", "image") + spoil
			answered, limited := 0, 0
			for range 45 { // two minutes of the clock at most: 40 are looked at then
				switch answer, body := p.fetch(t, address); answer.StatusCode {
				case http.StatusOK, http.StatusNotFound:
					answered++
				case http.StatusTooManyRequests:
					limited++
					if answer.Header.Get("Retry-After") == "" || !strings.Contains(body, "RATE_LIMITED") {
						t.Errorf("%v %s", answer.Header, body)
					}
				default:
					t.Errorf("%s", answer.Status)
				}
			}
			if limited < 5 || answered < 10 {
				t.Errorf("%d fetches were answered, %d were not", answered, limited)
			}
		})
	}
}

func TestBudgetOfAPersonIsTheSettings(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.Limits.PerPerson, c.Limits.Deadline = 1000, 1<<36 })
	answer := p.Post(t, p.Token(t, "alice"), "{ rateLimit { limit cost } }")
	if limit := answer.Data["rateLimit"].(map[string]any); limit["limit"] != 1000.0 || limit["cost"] != 1.0 {
		t.Errorf("%s", answer.Body)
	}
	if policy := answer.Header.Get("RateLimit-Policy"); policy != `"person";q=1000;w=60` {
		t.Errorf("RateLimit-Policy: %s", policy)
	}
}
