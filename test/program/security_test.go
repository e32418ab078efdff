package program

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/server"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// These tests hold "What must never happen" of docs/decisions.md from the outside, where no package
// can hold it alone.

// everythingQuery asks what a person can ask, in one document.
const everythingQuery = `query Everything($text: String!) {
	viewer { username groups } sites { contentUrl name }
	site(contentUrl: "") {
		me { name } mySiteRole
		projects(first: 100) { nodes { id luid name path owner { name } workbooks(first: 2) { nodes { id } } } }
		workbooks(first: 100) { nodes { id luid name contentUrl owner { name } project { name } tags { label } views { id name } } }
		views(first: 100) { nodes { id luid path viewCount workbook { name } } }
		dataSources(first: 100) { nodes { id luid name contentUrl owner { name } } }
		filtered: workbooks(filter: {name: {in: [$text, "Superstore"]}}) { totalCount }
		missing: workbook(by: {contentUrl: $text}) { name }
		tag(by: {label: $text}) { label workbooks { totalCount } }
	}
}`

// Must-never 2 and 3: an administrator's session looks up LUIDs and nothing else, and nothing
// leaves that could change something.
func TestOnlyReadsLeaveAndTheAdministratorOnlyLooksUp(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	lookUps := 0
	for _, user := range []string{"alice", "bob", "carol", "dave"} {
		p.askWith(t, p.Token(t, user), everythingQuery, map[string]any{"text": "x"})
	}
	for _, call := range p.Tableau.Log() {
		read := call.Method == http.MethodGet
		if !read && call.Template != "POST auth/signin" && call.Template != "POST auth/signin (impersonate)" && call.Template != "POST auth/signout" {
			t.Errorf("%s %s left for Tableau", call.Method, call.Path)
		}
		if call.User != "admin" || !read {
			continue
		}
		query, err := url.ParseQuery(call.Query)
		filter := query.Get("filter")
		if err != nil || call.Template != "GET sites/{site}/users" || !regexp.MustCompile(`^name:(eq|cieq):\w+$`).MatchString(filter) {
			t.Errorf("the administrator's session read %s?%s", call.Path, call.Query)
		}
		lookUps++
	}
	if lookUps == 0 {
		t.Error("nobody was looked up: the test sees nothing")
	}
}

// Must-never 4: whatever happens, nothing secret and nothing that a caller wrote as a value reaches
// anybody.
func TestNoSecretIsEverTold(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	var seen strings.Builder
	secrets := map[string]string{}
	for name, secret := range p.Tableau.PATs() {
		secrets["personal access token "+name] = secret
	}
	const marker = "value-that-a-caller-wrote"
	ask := func(user string) {
		token := p.Token(t, user)
		for i, part := range strings.Split(token, ".")[1:] {
			secrets[fmt.Sprintf("part %d of a token of %s", i+1, user)] = part
		}
		got := p.askWith(t, token, everythingQuery, map[string]any{"text": marker})
		seen.WriteString(strings.ReplaceAll(got.Body, marker, "")) // the tag's label is an answer
		r := p.request(t, http.MethodGet, "/graphql?query="+url.QueryEscape(`{ site { tag(by: {label: "`+marker+`"}) { id } } }`), token, "")
		seen.WriteString(fmt.Sprint(harness.Send(t, r).Header))
		r = p.request(t, http.MethodGet, "/graphql?access_token="+token+"&query=%7Bviewer", token+"x", "")
		got = harness.Send(t, r)
		seen.WriteString(got.Body + fmt.Sprint(got.Header))
		for _, s := range p.Tableau.Sessions() {
			secrets["session of "+s.User], _, _ = strings.Cut(s.Token, "|")
		}
	}
	for _, user := range []string{"alice", "bob", "carol", "dave"} {
		ask(user)
	}
	for _, kind := range []tableausim.FaultKind{
		tableausim.Status401002, tableausim.TooMany, tableausim.ServerError, tableausim.HTMLPage, tableausim.CutBody,
	} {
		p.Tableau.EndSessions(func(tableausim.SessionInfo) bool { return true })
		remove := p.Tableau.Fault(tableausim.Fault{Kind: kind})
		for _, user := range []string{"alice", "bob"} {
			ask(user)
		}
		remove()
	}
	if len(secrets) < 10 || !strings.Contains(p.Log.String(), "TABLEAU_UNAVAILABLE") {
		t.Fatalf("%d secrets are known, and the log has no failure: the test sees nothing", len(secrets))
	}
	for name, secret := range secrets {
		if len(secret) < 8 {
			t.Fatalf("%s is too short to be looked for", name)
		}
		if strings.Contains(p.Log.String(), secret) {
			t.Errorf("the log holds: %s", name)
		}
		if strings.Contains(seen.String(), secret) {
			t.Errorf("an answer holds: %s", name)
		}
	}
	if strings.Contains(p.Log.String(), marker) {
		t.Error("the log holds a value of a query")
	}
}

// Must-never 8, for objects: one that is hidden from a person is answered as one that does not
// exist, in every byte but the request's id, and at the same price.
func TestHiddenObjectsAreLikeMissingOnes(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	const list = `{ site(contentUrl: "") { workbooks(first: 1000) { nodes { id luid contentUrl } } views(first: 1000) { nodes { id luid contentUrl } }
		dataSources(first: 1000) { nodes { id luid contentUrl } } projects(first: 1000) { nodes { id luid contentUrl: name } } } }`
	all, seen := p.Post(t, p.Token(t, "carol"), list), p.Post(t, p.Token(t, "bob"), list)
	token := p.Token(t, "bob")
	for kind, field := range map[string]string{"workbooks": "workbook", "views": "view", "dataSources": "dataSource", "projects": "project"} {
		hidden := firstHidden(all, seen, kind)
		if hidden == nil {
			t.Errorf("nothing of %s is hidden from bob: the test sees nothing", kind)
			continue
		}
		by := map[string]string{"luid": "00000000-0000-4000-8000-000000000000", "contentUrl": "Nothing-of-this-name"}
		if kind == "projects" {
			delete(by, "contentUrl")
		}
		for key, missing := range by {
			query := `{ site(contentUrl: "") { ` + field + `(by: {` + key + `: %q}) { __typename id site { id } } } }`
			p.wantAlike(t, token, fmt.Sprintf(query, hidden[key]), fmt.Sprintf(query, missing), "NOT_FOUND")
		}
		id, _ := base64.RawURLEncoding.DecodeString(hidden["id"])
		other := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(id), hidden["luid"], by["luid"], 1)))
		for _, query := range []string{`{ node(id: %q) { __typename id } }`, `{ nodes(ids: [%q]) { __typename id } }`} {
			p.wantAlike(t, token, fmt.Sprintf(query, hidden["id"]), fmt.Sprintf(query, other), "NOT_FOUND")
		}
	}
}

func firstHidden(all, seen *harness.Answer, kind string) map[string]string {
	items := func(a *harness.Answer) (items []map[string]string) {
		site, _ := a.Data["site"].(map[string]any)
		list, _ := site[kind].(map[string]any)
		nodes, _ := list["nodes"].([]any)
		for _, n := range nodes {
			item := map[string]string{}
			for name, value := range n.(map[string]any) {
				item[name], _ = value.(string)
			}
			items = append(items, item)
		}
		return items
	}
	known := items(seen)
	for _, item := range items(all) {
		if !slices.ContainsFunc(known, func(k map[string]string) bool { return k["luid"] == item["luid"] }) {
			return item
		}
	}
	return nil
}

var requestIDs = regexp.MustCompile(`"requestId":"\w+"|"waitedMs":\d+`)

// wantAlike asks two things and wants the same answer to both.
func (p *program) wantAlike(t *testing.T, token, one, other, code string) {
	t.Helper()
	a, b := p.Post(t, token, one), p.Post(t, token, other)
	first, second := requestIDs.ReplaceAllString(a.Body, ""), requestIDs.ReplaceAllString(b.Body, "")
	if first != second || a.Status != b.Status || a.Codes() != code {
		t.Errorf("%s\n%s\n%s\n%s", one, first, other, second)
	}
}

// Must-never 8, for kinds and fields: what a role has not is answered as what nobody ever had.
func TestDeniedIsLikeMissing(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) {
		c.Roles = []config.Role{{Name: "everyone", Allow: []string{"CATALOG", "CONTENT"}, Deny: []string{"View", "Workbook.owner"}}}
	})
	token := p.Token(t, "alice")
	view := base64.RawURLEncoding.EncodeToString([]byte("View//" + p.Tableau.ViewID("", "Superstore/sheets/Overview")))
	gone := base64.RawURLEncoding.EncodeToString([]byte("Vieu//" + p.Tableau.ViewID("", "Superstore/sheets/Overview")))
	p.Tableau.ResetLog()
	p.wantAlike(t, token, fmt.Sprintf(`{ node(id: %q) { __typename } }`, view), fmt.Sprintf(`{ node(id: %q) { __typename } }`, gone), "NOT_FOUND")
	if n := len(p.Tableau.Log()); n != 0 {
		t.Errorf("a denied kind cost %d calls to Tableau", n)
	}
	p.wantAlike(t, token, `{ __type(name: "View") { name } }`, `{ __type(name: "Vieu") { name } }`, "")
	for denied, missing := range map[string]string{
		`{ site { workbooks { nodes { owner { name } } } } }`:                     `{ site { workbooks { nodes { ownex { name } } } } }`,
		`{ site { workbooks(filter: {ownerName: {eq: "x"}}) { totalCount } } }`:   `{ site { workbooks(filter: {ownexName: {eq: "x"}}) { totalCount } } }`,
		`{ site { workbooks(orderBy: [{field: OWNER_NAME}]) { totalCount } } }`:   `{ site { workbooks(orderBy: [{field: OWNEX_NAME}]) { totalCount } } }`,
		`{ site { views { totalCount } } }`:                                       `{ site { viexs { totalCount } } }`,
		`{ node(id: "x") { ... on View { name } } }`:                              `{ node(id: "x") { ... on Viex { name } } }`,
		`query($f: ViewFilter) { site { workbooks(filter: $f) { totalCount } } }`: `query($f: ViexFilter) { site { workbooks(filter: $f) { totalCount } } }`,
		`{ site { users { totalCount } } }`:                                       `{ site { usexs { totalCount } } }`,
		`{ site { me { email } } }`:                                               `{ site { me { emaix } } }`,
	} {
		a, b := p.Post(t, token, denied), p.Post(t, token, missing)
		same := strings.NewReplacer("ownex", "owner", "OWNEX", "OWNER", "viexs", "views", "Viex", "View", "usexs", "users", "emaix", "email")
		if got, want := requestIDs.ReplaceAllString(a.Body, ""), same.Replace(requestIDs.ReplaceAllString(b.Body, "")); got != want || a.Codes() == "" {
			t.Errorf("%s\n%s\n%s", denied, got, want)
		}
	}
	sdl := harness.Send(t, p.request(t, http.MethodGet, "/schema.graphql", token, "")).Body
	for _, name := range []string{"type View ", "type ViewConnection ", "input ViewFilter ", "input ViewOrder ", "email:", "users("} {
		if strings.Contains(sdl, name) {
			t.Errorf("the printed schema names %s", name)
		}
	}
}

// Must-never 9, from the token on: whatever name the provider gives, only the person of exactly
// that name is read as.
func TestNamesInTokensNeverBecomeSomebodyElse(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	for _, name := range []string{
		"bob,name:eq:carol", "bob&filter=name:eq:carol", "bob%2Cname:eq:carol", "bob%26x", `OTHER\bob`, `\bob`, "bob\x00", "b\u200bob", "bob ", "admin",
		"*", "b*", "[bob,carol]", "bob]", "\u212aim", "bo\u0432", "", "bob\nX-Tableau-Auth: x",
	} {
		token, err := p.Provider.TokenWith("bob", func(claims, _ map[string]any) { claims["preferred_username"] = name })
		if err != nil {
			t.Fatal(err)
		}
		got := p.Post(t, token, `{ site(contentUrl: "") { me { name } } }`)
		if site, _ := got.Data["site"].(map[string]any); site["me"] != nil || got.Codes() != "TABLEAU_USER_UNKNOWN" && got.Codes() != "FORBIDDEN" {
			t.Errorf("%q: %s", name, got.Body)
		}
	}
	for _, call := range p.Tableau.Log() {
		if query, err := url.ParseQuery(call.Query); err != nil || strings.ContainsAny(query.Get("filter"), ",&") || call.User != "" && call.User != "admin" {
			t.Errorf("as %q: %s", call.User, call.Query)
		}
	}
}

// Must-never 10: serve does not start where two issuers could speak for one name.
func TestServeRefusesIssuersThatShareNames(t *testing.T) {
	t.Parallel()
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	settings := standin.Settings(stand, "127.0.0.1:0")
	second := settings.OIDC[0]
	second.URL = "https://login.example.com"
	settings.OIDC = append(settings.OIDC, second)
	if _, err := server.New(settings, "http://127.0.0.1:1", nil); err == nil || !strings.Contains(err.Error(), "can give the same Tableau user name") {
		t.Errorf("two issuers with one rule: %v", err)
	}
	settings.DangerouslySharedNames = true
	if _, err := server.New(settings, "http://127.0.0.1:1", nil); err != nil {
		t.Errorf("where the operator says that it is meant: %v", err)
	}
}

func (p *program) request(t testing.TB, method, path, token, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.Address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (p *program) askWith(t testing.TB, token, query string, variables map[string]any) *harness.Answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return harness.Send(t, p.request(t, http.MethodPost, "/graphql", token, string(body)))
}
