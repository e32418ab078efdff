package tableausim_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

// client is a caller of the stand-in: plain HTTP, nothing of the client that the program uses.
type client struct {
	t       testing.TB
	sim     *tableausim.Server
	base    string // http://host/api/3.27
	token   string
	siteID  string
	userID  string
	accept  string
	headers map[string]string
}

func start(t testing.TB, cfg tableausim.Config) *client {
	t.Helper()
	sim := tableausim.New(cfg)
	srv := httptest.NewServer(sim)
	t.Cleanup(srv.Close)
	version := cfg.APIVersion
	if version == "" {
		version = "3.27"
	}
	return &client{t: t, sim: sim, base: srv.URL + "/api/" + version, accept: "application/json"}
}

// answer is what came back: status, headers and body, the body also as JSON where it is some.
type answer struct {
	status int
	header http.Header
	body   string
	json   map[string]any
}

// code is Tableau's error code, empty for no error.
func (a answer) code() string { return a.text("error", "code") }

// text follows keys into the JSON and returns the string there.
func (a answer) text(path ...string) string {
	s, _ := a.at(path...).(string)
	return s
}

func (a answer) at(path ...string) any {
	var x any = a.json
	for _, key := range path {
		m, ok := x.(map[string]any)
		if !ok {
			return nil
		}
		x = m[key]
	}
	return x
}

// items returns the entries of a list.
func (a answer) items(container, item string) []map[string]any {
	list, _ := a.at(container, item).([]any)
	out := make([]map[string]any, len(list))
	for i, x := range list {
		out[i], _ = x.(map[string]any)
	}
	return out
}

// names returns the attribute name of all entries of a list.
func (a answer) names(container, item string) []string {
	var out []string
	for _, x := range a.items(container, item) {
		out = append(out, fmt.Sprint(x["name"]))
	}
	return out
}

func (c *client) do(method, path, body string) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+"/"+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.accept != "" {
		req.Header.Set("Accept", c.accept)
	}
	if c.token != "" {
		req.Header.Set("X-Tableau-Auth", c.token)
	}
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.headers {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, body: string(b)}
	if strings.HasPrefix(a.body, "{") {
		if err := json.Unmarshal(b, &a.json); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, b)
		}
	}
	return a
}

// get asks below the session's site; {site} is put in front.
func (c *client) get(path string, query ...string) answer {
	c.t.Helper()
	path = "sites/" + c.siteID + "/" + path
	if len(query) > 0 {
		q := url.Values{}
		for i := 0; i < len(query); i += 2 {
			q.Add(query[i], query[i+1])
		}
		path += "?" + q.Encode()
	}
	return c.do(http.MethodGet, path, "")
}

// credentials builds the JSON body of a sign-in.
func credentials(site, impersonate string, pairs ...string) string {
	cred := map[string]any{"site": map[string]any{"contentUrl": site}}
	if impersonate != "" {
		cred["user"] = map[string]any{"id": impersonate}
	}
	for i := 0; i < len(pairs); i += 2 {
		cred[pairs[i]] = pairs[i+1]
	}
	b, _ := json.Marshal(map[string]any{"credentials": cred})
	return string(b)
}

// as returns a client that is signed in with a body.
func (c *client) as(body string) *client {
	c.t.Helper()
	d := *c
	a := d.do(http.MethodPost, "auth/signin", body)
	if a.status != http.StatusOK {
		c.t.Fatalf("sign-in with %s: %d %s", body, a.status, a.body)
	}
	d.token, d.siteID, d.userID = a.text("credentials", "token"), a.text("credentials", "site", "id"), a.text("credentials", "user", "id")
	return &d
}

// user signs in with the password of a demo user.
func (c *client) user(name, site string) *client {
	c.t.Helper()
	return c.as(credentials(site, "", "name", name, "password", name))
}

func TestPeopleSeeDifferentContent(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	seen := map[string]map[string]bool{}
	for _, name := range []string{"admin", "alice", "bob"} {
		seen[name] = map[string]bool{}
		for _, w := range c.user(name, "").get("workbooks", "pageSize", "1000").items("workbooks", "workbook") {
			seen[name][w["id"].(string)] = true
		}
	}
	var bobOnly, aliceOnly int
	for id := range seen["admin"] {
		if seen["bob"][id] && !seen["alice"][id] {
			bobOnly++
		}
		if seen["alice"][id] && !seen["bob"][id] {
			aliceOnly++
		}
	}
	if len(seen["admin"]) != 60 || bobOnly == 0 || aliceOnly < 5 || len(seen["bob"]) >= len(seen["alice"]) {
		t.Errorf("admin sees %d, alice %d, bob %d; only bob %d, only alice %d", len(seen["admin"]), len(seen["alice"]), len(seen["bob"]), bobOnly, aliceOnly)
	}
}
