package program

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// Must-never 5: nothing but a bearer token in the one header opens the door, and behind it there is
// one narrow way to ask.
func TestRequestsAreTakenInOneFormOnly(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	token := p.Token(t, "alice")
	const query, good = "{viewer{username}}", `{"query":"{viewer{username}}"}`
	inAddress := "/graphql?query=" + url.QueryEscape(query)
	for _, c := range []struct {
		name, method, path, body string
		header                   map[string][]string
		want                     int
	}{
		{"as it should be", "POST", "/graphql", good, nil, 200},
		{"by GET", "GET", inAddress, "", nil, 200},
		{"no token", "POST", "/graphql", good, map[string][]string{"Authorization": nil}, 401},
		{"no token, by GET", "GET", inAddress, "", map[string][]string{"Authorization": nil}, 401},
		{"no token for the schema", "GET", "/schema.graphql", "", map[string][]string{"Authorization": nil}, 401},
		{"no token, preflight of nobody", "OPTIONS", "/graphql", "", map[string][]string{"Authorization": nil}, 401},
		{"token in a cookie", "POST", "/graphql", good, map[string][]string{"Authorization": nil, "Cookie": {"token=" + token}}, 401},
		{"token in the address", "GET", inAddress + "&access_token=" + token, "", map[string][]string{"Authorization": nil}, 401},
		{"two tokens", "POST", "/graphql", good, map[string][]string{"Authorization": {"Bearer " + token, "Bearer " + token}}, 400},
		{"token and password", "POST", "/graphql", good, map[string][]string{"Authorization": {"Bearer " + token, "Basic YTpi"}}, 400},
		{"tokens in one header", "POST", "/graphql", good, map[string][]string{"Authorization": {"Bearer " + token + ", Bearer x"}}, 401},
		{"password", "POST", "/graphql", good, map[string][]string{"Authorization": {"Basic YWxpY2U6YWxpY2U="}}, 401},
		{"a form", "POST", "/graphql", "query=" + url.QueryEscape(query), map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}}, 415},
		{"a form of parts", "POST", "/graphql", good, map[string][]string{"Content-Type": {"multipart/form-data; boundary=x"}}, 415},
		{"plain text", "POST", "/graphql", good, map[string][]string{"Content-Type": {"text/plain"}}, 415},
		{"no type", "POST", "/graphql", good, map[string][]string{"Content-Type": nil}, 415},
		{"another encoding", "POST", "/graphql", good, map[string][]string{"Content-Type": {"application/json; charset=utf-16"}}, 415},
		{"a batch", "POST", "/graphql", "[" + good + "," + good + "]", nil, 400},
		{"two questions", "POST", "/graphql", good + good, nil, 400},
		{"brackets behind", "POST", "/graphql", good + "}]", nil, 400},
		{"brackets behind variables", "GET", inAddress + "&variables={}}", "", nil, 400},
		{"nested without end", "POST", "/graphql", `{"extensions":` + strings.Repeat("[", 100_000), nil, 400},
		{"a body without end", "POST", "/graphql", `{"query":"` + strings.Repeat(" ", 400_000), nil, 413},
		{"a document of comments", "POST", "/graphql", `{"query":"{viewer{username}}` + strings.Repeat(`#\n`, 30_000) + `"}`, nil, 413},
		{"the head alone", "HEAD", inAddress, "", nil, 200},
		{"what is allowed", "OPTIONS", "/graphql", "", nil, 204},
		{"another coding", "POST", "/graphql", good, map[string][]string{"Content-Encoding": {"gzip"}}, 415},
		{"two types", "POST", "/graphql", good, map[string][]string{"Content-Type": {"application/json", "text/plain"}}, 415},
		{"a key twice", "POST", "/graphql", `{"query":"{viewer{username}}","query":"{viewer{username}}"}`, nil, 400},
		{"a key in capitals", "POST", "/graphql", `{"QUERY":"{viewer{username}}"}`, nil, 400},
		{"a parameter twice", "GET", inAddress + "&query=%7B__typename%7D", "", nil, 400},
		{"no UTF-8", "POST", "/graphql", "{\"query\":\"{viewer{username}} #\xff\"}", nil, 400},
		{"a page is wanted", "POST", "/graphql", good, map[string][]string{"Accept": {"text/html"}}, 406},
		{"PUT", "PUT", "/graphql", good, nil, 405},
		{"TRACE", "TRACE", "/graphql", "", nil, 405},
		{"the schema by POST", "POST", "/schema.graphql", good, nil, 405},
		{"DELETE", "DELETE", "/graphql", "", nil, 405},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := p.request(t, c.method, c.path, token, c.body)
			for name, values := range c.header {
				r.Header.Del(name)
				if values != nil {
					r.Header[name] = values
				}
			}
			got := harness.Send(t, r)
			if got.Status != c.want || (c.want >= 400 && (got.Data != nil || len(got.Errors) == 0)) {
				t.Errorf("%d %.300s, want %d", got.Status, got.Body, c.want)
			}
			if len(got.Body) > 1000 || strings.Contains(got.Body, token) || got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("the answer repeats what was sent, or may be guessed at: %.300s", got.Body)
			}
			if allow := got.Header.Get("Allow"); (got.Status == 405 || c.method == "OPTIONS" && got.Status == 204) != strings.Contains(allow, "GET") {
				t.Errorf("%d with Allow %q", got.Status, allow)
			}
		})
	}
}

// Anyone who chooses headers chooses neither who is asking, nor ids in the log, nor addresses in
// answers.
func TestForwardedHeadersAreNotBelieved(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	forged := func(path, token string) *harness.Answer {
		r := p.request(t, http.MethodGet, path, token, "")
		r.Host = "rebound.example"
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-User", "X-Remote-User", "X-Request-Id", "Forwarded", "X-Original-Url", "X-Http-Method-Override"} {
			r.Header.Set(name, "evil.example")
		}
		return harness.Send(t, r)
	}
	for _, path := range []string{"/graphql?query={viewer{username}tableau{url}}", "/.well-known/oauth-protected-resource", "/playground", "/schema.graphql", "/nothing"} {
		for _, token := range []string{"", p.Token(t, "alice")} {
			if got := forged(path, token); strings.Contains(got.Body+fmt.Sprint(got.Header), "evil.example") || strings.Contains(got.Body+fmt.Sprint(got.Header), "rebound.example") {
				t.Errorf("%s: %v %.300s", path, got.Header, got.Body)
			}
		}
	}
	if strings.Contains(p.Log.String(), "evil.example") {
		t.Error("the log repeats a forged header")
	}
	if !strings.Contains(p.Log.String(), "host=rebound.example") {
		t.Error("the log lacks the Host that was refused with 421")
	}
}

func TestOtherOriginsAreNotLetIn(t *testing.T) {
	t.Parallel()
	const ours = "https://portal.example.com"
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.CORS.Origins = []string{ours} })
	for origin, want := range map[string]string{
		ours: ours, "null": "", "https://evil.example": "", "https://portal.example.com.evil.example": "", "https://evilportal.example.com": "",
		"https://a.portal.example.com": "", "http://portal.example.com": "", "https://portal.example.com:8443": "", "HTTPS://PORTAL.EXAMPLE.COM": "",
	} {
		for _, method := range []string{http.MethodOptions, http.MethodGet} {
			r := p.request(t, method, "/graphql?query={viewer{username}}", p.Token(t, "alice"), "")
			r.Header.Set("Origin", origin)
			if method == http.MethodOptions {
				r.Header.Set("Access-Control-Request-Method", "POST")
				r.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
			}
			got := harness.Send(t, r).Header
			if got.Get("Access-Control-Allow-Origin") != want || got.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s from %s: %v", method, origin, got)
			}
			if method == http.MethodGet && !strings.Contains(strings.Join(got.Values("Vary"), ","), "Origin") {
				t.Errorf("%s from %s: a cache could give the answer to another origin: Vary %q", method, origin, got.Values("Vary"))
			}
		}
	}
}

// Whatever a filter's value holds, Tableau reads one filter of the field that was meant. Every text
// field of every filter of the schema is tried: what is added later is tried too.
func TestFilterValuesNeverBecomeFilters(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	token := p.Token(t, "carol")
	inputs := func(typ any) []map[string]any {
		got := p.Post(t, token, fmt.Sprintf(`{ __type(name: %q) { inputFields { name type { name kind } } } }`, typ))
		return under(got.Data, "__type", "inputFields")
	}
	tried := 0
	lists := p.Post(t, token, `{ __type(name: "Site") { fields { name args { name type { name } } } } }`)
	for _, list := range under(lists.Data, "__type", "fields") {
		for _, argument := range under(list, "args") {
			if argument["name"] != "filter" {
				continue
			}
			for _, field := range inputs(argument["type"].(map[string]any)["name"]) {
				for _, operator := range inputs(field["type"].(map[string]any)["name"]) {
					tried += p.tryFilter(t, token, list["name"], field["name"], operator)
				}
			}
		}
	}
	if tried < 300 {
		t.Errorf("only %d filters were tried: the test sees too little", tried)
	}
	for _, call := range p.Tableau.Log() {
		query, err := url.ParseQuery(call.Query)
		if err != nil || query.Has("INJECTED") || len(query["filter"]) > 1 || len(query["pageSize"]) > 1 {
			t.Errorf("%s?%s", call.Path, call.Query)
		}
		filter := query.Get("filter")
		if strings.Contains(filter, ",INJECTED") || strings.Contains(filter, "&") || strings.Count(filter, ",") > 0 && strings.Contains(filter, "INJECTED") {
			t.Errorf("a second filter: %s", filter)
		}
	}
}

func (p *program) tryFilter(t *testing.T, token string, list, field any, operator map[string]any) (tried int) {
	form := "%s: %q"
	switch kind, _ := operator["type"].(map[string]any); {
	case kind["name"] == "String" || kind["name"] == "LUID":
	case operator["name"] == "in":
		form = "%s: [%q]"
	default:
		return 0
	}
	for _, value := range []string{
		"x,INJECTED:eq:y", "x&INJECTED=y", "x&filter=INJECTED:eq:y", "x],INJECTED:eq:[y", "[x,INJECTED:eq:y]", "x%2CINJECTED:eq:y", "x:eq:y&pageSize=1", "\",INJECTED", "*,INJECTED:eq:*",
	} {
		query := fmt.Sprintf(`{ site(contentUrl: "") { %s(first: 1, filter: {%s: {`+form+`}}) { totalCount } } }`, list, field, operator["name"], value)
		got := p.Post(t, token, query)
		for _, code := range strings.Fields(got.Codes()) {
			if code != "BAD_USER_INPUT" && code != "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("%s: %s", query, got.Body)
			}
		}
		tried++
	}
	return tried
}

// under goes down an answer by names, to a list of objects.
func under(data map[string]any, names ...string) (items []map[string]any) {
	for _, name := range names[:len(names)-1] {
		data, _ = data[name].(map[string]any)
	}
	list, _ := data[names[len(names)-1]].([]any)
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			items = append(items, object)
		}
	}
	return items
}

// Ids, keys and cursors that are made up reach no path but that of the method they are for.
func TestForgedKeysReachNothing(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	token := p.Token(t, "bob")
	var ids []string
	keys := []string{"", ".", "..", "../users", "..%2fusers", "%2e%2e", "a%2fb", "a%00b", "a%0d%0aX: y", "x?key=contentUrl", "x%3fkey=y", "x;y", strings.Repeat("x", 3000)}
	for _, kind := range []string{"Workbook", "View", "DataSource", "Project", "User", "Group", "Task", "__Type", "Query", ""} {
		for _, site := range []string{"", "nowhere", "..", "%2e%2e"} {
			for _, key := range keys {
				ids = append(ids, base64.RawURLEncoding.EncodeToString([]byte(kind+"/"+site+"/"+key)))
			}
		}
	}
	for chunk := range slices.Chunk(ids, 100) {
		got := p.askWith(t, token, `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": chunk})
		nodes, _ := got.Data["nodes"].([]any)
		if codes := slices.Compact(strings.Fields(got.Codes())); len(nodes) != len(chunk) || !slices.Equal(codes, []string{"NOT_FOUND"}) {
			t.Errorf("%d nodes, %v: %.300s", len(nodes), codes, got.Body)
		}
	}
	for _, key := range append(keys, "a\x00b", "a/b", "../users", "a\r\nX: y", "\ufffd", "Super\u0000store") {
		got := p.askWith(t, token, `query($k: String!) { site(contentUrl: "") { workbook(by: {contentUrl: $k}) { id } dataSource(by: {contentUrl: $k}) { id }
			view(by: {contentUrl: $k}) { id } path: view(by: {path: $k}) { id } project(by: {path: [$k]}) { id } } }`, map[string]any{"k": key})
		for _, code := range strings.Fields(got.Codes()) {
			if code != "NOT_FOUND" && code != "BAD_USER_INPUT" {
				t.Errorf("%q: %s", key, got.Body)
			}
		}
	}
	for _, cursor := range []string{"x", "AAAAAAAAAAAA", strings.Repeat("A", 5000), "////", base64.RawURLEncoding.EncodeToString([]byte("12345678\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))} {
		got := p.askWith(t, token, `query($c: String) { site(contentUrl: "") { workbooks(after: $c) { totalCount } } }`, map[string]any{"c": cursor})
		if got.Codes() != "BAD_USER_INPUT" {
			t.Errorf("cursor %.20q: %s", cursor, got.Body)
		}
	}
	templates := []string{"workbooks", "datasources", "views", "projects", "workbooks/{id}", "datasources/{id}", "views/{id}", "users/{id}", "users"}
	for _, call := range p.Tableau.Log() {
		known := !strings.HasPrefix(call.Template, "GET sites/") || slices.Contains(templates, strings.TrimPrefix(call.Template, "GET sites/{site}/"))
		if !known || strings.Contains(call.Path, "..") || strings.ContainsAny(call.Path, "\r\n\x00") {
			t.Errorf("%s: %q", call.Template, call.Path)
		}
	}
}
