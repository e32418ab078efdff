package program

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// attack is one request of somebody who means harm, and where it is known from. Each is made from
// the description there.
type attack struct {
	name, source string
	request      func(token string) *http.Request
	status       int
	code         string // "" where it is answered, or where the answer is not GraphQL's
}

// heavy are requests that a person may send, and that take more bytes or time than an attack may:
// budgets bound how many. TestHeavyRequestsArePaid holds their prices, and make bench
// BENCH=HeavyRequests shows what they cost.
func heavy() []attack {
	return []attack{
		{"the schema as text", apiTop10 + "API4 Unrestricted Resource Consumption", plain(http.MethodGet, "/schema.graphql"), 200, ""},
		{"a fat answer", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{site{workbooks(first:100){nodes{" + numbered(90, "a%d:webUrl ") + "}}}}"), 200, ""},
		{"an error for each alias of each item", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{site{workbooks(first:2){nodes{" + numbered(99, "a%d:usage{__typename}") + "}}}}"), 200, ""},
	}
}

// Where attacks come from.
const (
	cheatSheet = "OWASP GraphQL Cheat Sheet, "
	apiTop10   = "OWASP API Security Top 10 2023, "
	cop        = "graphql-cop, "
)

// Bounds of what an attack may have answered, whatever it asks. Its processor time is 5 ms at most:
// make bench BENCH=Attacks shows it.
const attackBytes = 16 << 10

// attacks are all that are tried, as somebody with a valid token of few rights: without one nothing
// is read. roleSet returns a token of the same person with another set of roles each time.
func attacks(roleSet func() string) []attack {
	const tooLarge, tooDeep, invalid, parse, bad = "QUERY_TOO_LARGE", "QUERY_TOO_DEEP", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT"
	const costly = "QUERY_TOO_COSTLY"
	list := []attack{
		{"a bomb of 70 fragments", cheatSheet + "Query Limiting (Depth & Amount)", asking(fragments(70)), 413, tooLarge},
		{"fragments in a circle", cheatSheet + "Query Limiting (Depth & Amount)", asking("{...A} fragment A on Query{...B} fragment B on Query{...A viewer{username}}"), 200, invalid},
		{"a circle through 100 fragments", cheatSheet + "Query Limiting (Depth & Amount)", asking(circle(100)), 200, invalid},
		{"one fragment spread 1,000 times", cheatSheet + "Query Limiting (Depth & Amount)", asking("{viewer{" + strings.Repeat("...F ", 1000) + "}} fragment F on Viewer{username}"), 413, tooLarge},
		{"10,000 directives", cop + "Directives Overloading", asking("{viewer{username " + strings.Repeat("@a", 10_000) + "}}"), 413, tooLarge},
		{"900 directives that do not exist", cop + "Directives Overloading", asking("{viewer{username " + strings.Repeat("@a", 900) + "}}"), 413, tooLarge},
		{"270 directives that exist", cop + "Directives Overloading", asking("{viewer{username " + strings.Repeat("@include(if:true)", 270) + "}}"), 413, tooLarge},
		{"3,000 equal fields", cop + "Field Duplication", asking("{viewer{" + strings.Repeat("username ", 3000) + "}}"), 413, tooLarge},
		{"1,900 equal fields", cop + "Field Duplication", asking("{viewer{" + strings.Repeat("username ", 1900) + "}}"), 413, tooLarge},
		{"390 equal lists", cop + "Field Duplication", asking("{site{" + strings.Repeat("workbooks{totalCount}", 390) + "}}"), 413, tooLarge},
		{"101 aliases of a root field", cop + "Alias Overloading", asking("{" + numbered(101, "a%d:viewer{username}") + "}"), 413, tooLarge},
		{"101 aliases of a list", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{site{" + numbered(101, "a%d:workbooks(first:1){totalCount}") + "}}"), 413, tooLarge},
		{"180 aliases that would each be a look-up", cheatSheet + "Batching Attacks", asking("{site{" + numbered(180, `a%d:workbook(by:{contentUrl:"x%d"}){id}`) + "}}"), 413, tooLarge},
		{"a batch as an array", cop + "Batch Queries", body("[" + strings.Repeat(`{"query":"{viewer{username}}"},`, 10) + `{"query":"{viewer{username}}"}]`), 400, bad},
		{"an operation of each kind", cheatSheet + "Batching Attacks", asking("query A{viewer{username}} mutation B{x} subscription C{y}"), 200, invalid},
		{"390 operations", cheatSheet + "Batching Attacks", asking(numbered(390, "query A%d{__typename}")), 200, invalid},
		{"a query that is 30 fields deep", cheatSheet + "Query Limiting (Depth & Amount)", asking(strings.Repeat("{site", 30) + "{name}" + strings.Repeat("}", 30)), 400, tooDeep},
		{"1,200 brackets", cheatSheet + "Query Limiting (Depth & Amount)", asking(strings.Repeat("{a", 600) + strings.Repeat("}", 600)), 400, tooDeep},
		{"brackets in a value", cheatSheet + "Query Limiting (Depth & Amount)", asking("{site(contentUrl:" + strings.Repeat("[", 1900) + "){name}}"), 200, parse},
		{"brackets of a type", cheatSheet + "Query Limiting (Depth & Amount)", asking("query($a:" + strings.Repeat("[", 900) + "Int" + strings.Repeat("]", 900) + "){viewer{username}}"), 200, invalid},
		{"introspection in circles", cop + "Circular Query using Introspection", asking("{__schema{types" + strings.Repeat("{fields{type", 8) + "{name}" + strings.Repeat("}}", 8) + "}}"), 400, tooDeep},
		{"44 aliases of the schema", cop + "Introspection, Alias Overloading", asking("{" + numbered(44, "a%d:__schema{types{fields{args{type{name}}}}}") + "}"), 413, tooLarge},
		{"the schema twice through a fragment", cop + "Introspection, Alias Overloading", asking("{...F a:__schema{types{name}}} fragment F on Query{...{__schema{types{name}}}}"), 413, tooLarge},
		{"40 types of the schema", cop + "Introspection, Alias Overloading", asking("{" + numbered(40, `a%d:__type(name:"Workbook"){fields{name}}`) + "}"), 413, tooLarge},
		{"the schema with 90 aliases inside", cop + "Introspection, Alias Overloading", asking("{__schema{types{" + numbered(90, "a%d:fields{name args{name type{name}}}") + "}}}"), 400, costly},
		{"the schema with 40 fragments inside", cop + "Introspection, Field Duplication", asking("{__schema{types{...F ...G}}} fragment F on __Type{fields{type{...G}}} fragment G on __Type{" + numbered(40, "a%d:fields{name description}") + "}"), 400, costly},
		{"a type of a variable with 90 aliases inside", cop + "Introspection, Alias Overloading", variables("query($n:String!){__type(name:$n){possibleTypes{"+numbered(90, "a%d:fields{name isDeprecated args{name type{name}}}")+"}}}", `{"n":"Node"}`), 400, costly},
		{"90 aliases of a picture", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{site{workbooks(first:10000){nodes{thumbnail{" + numbered(90, "a%d:dataUri(maxBytes:262144)") + "}}}}}"), 400, costly},
		{"90 aliases of the numbers of a view", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{site{views(first:100){nodes{data(first:10000){columns{" + numbered(90, "a%d:numbers ") + "}}}}}}"), 400, costly},
		{"90 aliases of the rows of a view", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{site{views(first:100){nodes{data(first:10000){" + numbered(90, "a%d:rows ") + "}}}}}"), 400, costly},
		{"a document of 400 kB", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{viewer{username}}" + strings.Repeat("#", 400_000)), 413, tooLarge},
		{"a document of 90 kB of nothing", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{viewer{username}}" + strings.Repeat(",", 90_000)), 200, ""},
		{"a string of 90 kB", apiTop10 + "API4 Unrestricted Resource Consumption", asking(`{site(contentUrl:"` + strings.Repeat("x", 90_000) + `"){name}}`), 200, "SITE_UNKNOWN"},
		{"a name of 90 kB", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{" + strings.Repeat("x", 90_000) + "}"), 413, tooLarge},
		{"an alias of 90 kB for each item of a list", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{site{workbooks(first:1000){nodes{" + strings.Repeat("x", 90_000) + ":name}}}}"), 413, tooLarge},
		{"an alias of 90 kB in the path of each error", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{" + strings.Repeat("x", 90_000) + ":nodes(ids:[" + strings.Repeat(`"x" `, 500) + "]){id}}"), 413, tooLarge},
		{"a variable's name of 90 kB", apiTop10 + "API4 Unrestricted Resource Consumption", asking("query($" + strings.Repeat("x", 90_000) + ":Int!){viewer{username}}"), 413, tooLarge},
		{"an operation's name of 90 kB", apiTop10 + "API4 Unrestricted Resource Consumption", asking("query " + strings.Repeat("x", 90_000) + "{viewer{username}}"), 413, tooLarge},
		{"a key of a variable of 90 kB", apiTop10 + "API4 Unrestricted Resource Consumption", variables("query($f:WorkbookFilter){site{workbooks(filter:$f){totalCount}}}", `{"f":{"`+strings.Repeat("x", 90_000)+`":1}}`), 200, invalid},
		{"1,900 fields that do not exist", cop + "Field Suggestions", asking("{" + numbered(1900, "usernam%d ") + "}"), 413, tooLarge},
		{"a number without end", apiTop10 + "API4 Unrestricted Resource Consumption", asking("{site{workbooks(first:" + strings.Repeat("9", 90_000) + "){totalCount}}}"), 200, invalid},
		{"a float without end", apiTop10 + "API4 Unrestricted Resource Consumption", variables("query($n:Int){site{workbooks(first:$n){totalCount}}}", `{"n":1e999999999}`), 200, invalid},
		{"a number of 190 kB as a variable", apiTop10 + "API4 Unrestricted Resource Consumption", variables("query($n:Int){site{workbooks(first:$n){totalCount}}}", `{"n":`+strings.Repeat("9", 190_000)+`}`), 400, bad},
		{"a variable of 190 kB", apiTop10 + "API4 Unrestricted Resource Consumption", variables("query($u:String!){site(contentUrl:$u){name}}", `{"u":"`+strings.Repeat("x", 190_000)+`"}`), 200, "SITE_UNKNOWN"},
		{"a list of 60,000 ids", apiTop10 + "API4 Unrestricted Resource Consumption", variables("query($i:[ID!]!){nodes(ids:$i){id}}", `{"i":[`+strings.Repeat(`"",`, 60_000)+`""]}`), 400, bad},
		{"variables that nest without end", apiTop10 + "API4 Unrestricted Resource Consumption", variables("query($i:ID){node(id:$i){id}}", `{"i":`+strings.Repeat("[", 50_000)+strings.Repeat("]", 50_000)+`}`), 400, bad},
		{"15,000 keys nobody asked for", apiTop10 + "API4 Unrestricted Resource Consumption", variables("{viewer{username}}", "{"+strings.TrimSuffix(numbered(15_000, `"k%d":1,`), ",")+"}"), 400, bad},
		{"a key twice", apiTop10 + "API8 Security Misconfiguration", body(`{"query":"{viewer{username}}","query":"{__schema{types{name}}}"}`), 400, bad},
		{"a key in capitals", apiTop10 + "API8 Security Misconfiguration", body(`{"Query":"{viewer{username}}"}`), 400, bad},
		{"unicode that turns around", apiTop10 + "API8 Security Misconfiguration", asking("{viewer{\u202eusername\u202c}}"), 200, parse},
		{"unicode that has no end", apiTop10 + "API4 Unrestricted Resource Consumption", asking(`{site(contentUrl:"e` + strings.Repeat("\u0301", 40_000) + `"){name}}`), 200, "SITE_UNKNOWN"},
		{"half a character", apiTop10 + "API8 Security Misconfiguration", body(`{"query":"{site(contentUrl:\"\ud800\"){name}}"}`), 400, bad},
		{"bytes that are no text", apiTop10 + "API8 Security Misconfiguration", body("{\"query\":\"\xc3\x28\"}"), 400, bad},
		{"a form", cop + "POST based Queries using urlencoded payloads", posting("application/x-www-form-urlencoded", "query=%7Bviewer%7Busername%7D%7D"), 415, bad},
		{"a form of parts", cheatSheet + "Injection (uploads)", posting("multipart/form-data; boundary=x", "--x\r\n"), 415, bad},
		{"plain text", cop + "POST based Queries using urlencoded payloads", posting("text/plain", `{"query":"{viewer{username}}"}`), 415, bad},
		{"a mutation by GET", cop + "Mutation support over GET", get("mutation{x}"), 200, invalid},
		{"a mutation", apiTop10 + "API5 Broken Function Level Authorization", asking("mutation{deleteWorkbook(id:1){id}}"), 200, invalid},
		{"a field that is almost right", cop + "Field Suggestions", asking("{viewer{usernam}}"), 200, invalid},
		{"a type that is almost right", cop + "Field Suggestions", asking(`{node(id:"x"){... on Workboo{id}}}`), 200, invalid},
		{"a look for a console", cop + "GraphiQL", plain(http.MethodGet, "/graphiql"), 404, ""},
		{"a look for another console", cop + "GraphiQL", plain(http.MethodGet, "/graphql/console"), 404, ""},
		{"tracing wanted", cop + "GraphQL Tracing / Debug Modes", body(`{"query":"{viewer{username}}","extensions":{"tracing":true,"debug":true}}`), 200, ""},
		{"debugging wanted", cop + "GraphQL Tracing / Debug Modes", plain(http.MethodGet, "/debug/pprof/heap"), 404, ""},
		{"TRACE", apiTop10 + "API8 Security Misconfiguration", plain("TRACE", "/graphql"), 405, bad},
		{"a method nobody knows", apiTop10 + "API8 Security Misconfiguration", plain("DEBUG", "/graphql"), 405, bad},
		{"another method in a header", apiTop10 + "API8 Security Misconfiguration", overridden, 405, bad},
		{"5,000 headers", apiTop10 + "API4 Unrestricted Resource Consumption", flood, 431, ""},
		{"another host", apiTop10 + "API8 Security Misconfiguration", misdirected, 421, ""},
		{"an address of a cloud's metadata", apiTop10 + "API7 Server Side Request Forgery", asking(`{site(contentUrl:"http://169.254.169.254/latest/meta-data"){name}}`), 200, "SITE_UNKNOWN"},
		{"a path as an id", apiTop10 + "API1 Broken Object Level Authorization", asking(`{site{workbook(by:{luid:"../users"}){id}}}`), 200, "*"},
		{"another set of roles with each request", apiTop10 + "API4 Unrestricted Resource Consumption", func(token string) *http.Request {
			if token != "" {
				token = roleSet()
			}
			return asking("{viewer{username}}")(token)
		}, 200, ""},
		{"a persisted query that was never stored", cheatSheet + "Query Limiting (persisted queries)", body(`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}`), 200, "PERSISTED_QUERY_NOT_SUPPORTED"},
	}
	return list
}

// TestAttacksAreRefusedOrCheap holds that each attack gets the answer that it should, in a few
// bytes, and learns nothing.
func TestAttacksAreRefusedOrCheap(t *testing.T) {
	t.Parallel()
	handler, token, roleSet := attacked(t)
	for _, a := range attacks(roleSet) {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			got := strike(handler, a.request(token))
			body := got.Body.String()
			if got.Code >= 500 || a.status != 0 && got.Code != a.status || a.code != "*" && a.code != "" && !strings.Contains(body, `"`+a.code+`"`) {
				t.Errorf("%d %.300s, want %d %s (%s)", got.Code, body, a.status, a.code, a.source)
			}
			if a.status == 200 && a.code == "" && (strings.Contains(body, `"errors"`) || !strings.Contains(body, `"bob"`)) {
				t.Errorf("not answered: %.300s", body)
			}
			if len(body) > attackBytes {
				t.Errorf("%d bytes for it (%s)", len(body), a.source)
			}
			for _, told := range []string{"Did you mean", "goroutine", ".go:", "tracing", token, "panic", strings.Repeat("x", 2000)} {
				if strings.Contains(body, told) {
					t.Errorf("the answer contains %.40q: %.300s", told, body)
				}
			}
		})
	}
}

// TestHeavyRequestsArePaid holds that requests which are allowed and large are charged to their
// sender until the budget is spent, and are refused in a few bytes from then on.
func TestHeavyRequestsArePaid(t *testing.T) {
	t.Parallel()
	for _, a := range heavy() {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, tableausim.Config{}, func(c *config.Config) { c.Limits.PerPerson = 2000 })
			handler, err := p.App.Routes()
			if err != nil {
				t.Fatal(err)
			}
			token := p.Token(t, "carol")
			answered := 0
			for range 1000 {
				got := strike(handler, a.request(token))
				if got.Code == http.StatusTooManyRequests {
					if got.Body.Len() > 1000 || got.Header().Get("Retry-After") == "" {
						t.Errorf("refused with %d bytes, %v", got.Body.Len(), got.Header())
					}
					break
				}
				if answered++; got.Code != a.status || got.Body.Len() < attackBytes {
					t.Fatalf("%d %.300s, want %d and much", got.Code, got.Body, a.status)
				}
			}
			if answered == 0 || answered == 1000 {
				t.Errorf("%d were answered before the budget was spent", answered)
			}
		})
	}
}

// Nobody without a token gets anywhere with any of them, and it costs no look at the body.
func TestAttacksWithoutATokenAreAllRefusedAlike(t *testing.T) {
	t.Parallel()
	handler, _, roleSet := attacked(t)
	for _, a := range attacks(roleSet) {
		r := a.request("")
		r.Header.Del("Authorization")
		r.AddCookie(&http.Cookie{Name: "session", Value: "x"})
		got := strike(handler, r)
		if want := http.StatusUnauthorized; r.URL.Path == "/graphql" && got.Code != want && got.Code != 431 && got.Code != 421 || got.Body.Len() > 1000 {
			t.Errorf("%s: %d %.200s", a.name, got.Code, got.Body)
		}
	}
}

// attacked is the server without a network, a token of bob's, and those of his with other roles.
func attacked(t testing.TB) (handler http.Handler, token string, roleSet func() string) {
	t.Helper()
	p := start(t, tableausim.Config{}, func(c *config.Config) {
		c.Playground.Enabled = false
		c.Roles = append(c.Roles, denyingRoles()...)
	})
	handler, err := p.App.Routes()
	if err != nil {
		t.Fatal(err)
	}
	token = p.Token(t, "bob")
	p.Post(t, token, harness.WorkbookNames) // signed in, so that no attack pays for it
	return handler, token, roleSets(t, p, "bob")
}

// roleSets returns tokens of a person that each have another set of the denying roles.
func roleSets(t testing.TB, p *program, user string) func() string {
	t.Helper()
	var sets atomic.Int64
	return func() string {
		set := sets.Add(1)
		token, err := p.Provider.TokenWith(user, func(claims, header map[string]any) {
			harness.Lasting(claims, header)
			var scopes []string
			for i, role := range denyingRoles() {
				if set&(1<<i) != 0 {
					scopes = append(scopes, role.When.Scope)
				}
			}
			claims["scope"] = strings.Join(scopes, " ")
		})
		if err != nil {
			t.Error(err)
		}
		return token
	}
}

// TestCyclingThroughRoleSetsIsPaid holds that somebody who has a schema compiled with each request
// pays for that, and is refused in a few bytes once the budget is spent.
func TestCyclingThroughRoleSetsIsPaid(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) {
		c.Limits.PerPerson = 1000
		c.Roles = append(c.Roles, denyingRoles()...)
	})
	handler, err := p.App.Routes()
	if err != nil {
		t.Fatal(err)
	}
	next := roleSets(t, p, "bob")
	answered := 0
	for range 500 {
		got := strike(handler, asking("{viewer{username}}")(next()))
		if got.Code == http.StatusTooManyRequests {
			if got.Body.Len() > 1000 || got.Header().Get("Retry-After") == "" {
				t.Errorf("refused with %d bytes, %v", got.Body.Len(), got.Header())
			}
			break
		}
		if answered++; got.Code != http.StatusOK {
			t.Fatalf("%d %.300s", got.Code, got.Body)
		}
	}
	if answered == 0 || answered > 200 {
		t.Errorf("%d sets of roles were compiled before the budget of 1,000 points was spent", answered)
	}
}

func strike(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func plain(method, path string) func(string) *http.Request {
	return func(token string) *http.Request {
		r := httptest.NewRequest(method, "http://localhost"+path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}
}

func posting(media, text string) func(string) *http.Request {
	return func(token string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/graphql", strings.NewReader(text))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", media)
		return r
	}
}

func body(text string) func(string) *http.Request { return posting("application/json", text) }

func variables(query, values string) func(string) *http.Request {
	return body(fmt.Sprintf(`{"query":%q,"variables":%s}`, query, values))
}

// asked numbers documents, so that none is known from before.
var asked atomic.Int64

// asking asks in JSON; %q of Go is not JSON's where a character is not printable.
func asking(query string) func(string) *http.Request {
	text := inJSON(query)
	return func(token string) *http.Request {
		return body(fmt.Sprintf(`{"query":"%s,#%d"}`, text, asked.Add(1)))(token)
	}
}

func inJSON(query string) string {
	var text strings.Builder
	for _, c := range query {
		switch {
		case c == '"' || c == '\\':
			text.WriteString(`\` + string(c))
		case c < ' ':
			fmt.Fprintf(&text, `\u%04x`, c)
		default:
			text.WriteRune(c)
		}
	}
	return text.String()
}

func get(query string) func(string) *http.Request {
	return plain(http.MethodGet, "/graphql?query="+url.QueryEscape(query))
}

func flood(token string) *http.Request {
	r := plain(http.MethodGet, "/graphql?query={viewer{username}}")(token)
	for i := range 5000 {
		r.Header.Set(fmt.Sprintf("X-%d", i), "y")
	}
	return r
}

func overridden(token string) *http.Request {
	r := plain(http.MethodDelete, "/graphql?query={viewer{username}}")(token)
	r.Header.Set("X-Http-Method-Override", "GET")
	return r
}

func misdirected(token string) *http.Request {
	r := plain(http.MethodGet, "/graphql?query={viewer{username}}")(token)
	r.Host = "evil.example"
	return r
}

func numbered(n int, form string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(form, "%d", fmt.Sprint(i)))
	}
	return b.String()
}

// fragments is a document whose every fragment spreads the next one twice: 2^levels fields.
func fragments(levels int) string {
	var b strings.Builder
	b.WriteString("{...F0}")
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on Query{a:site{name} ...F%d ...F%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Query{viewer{username}}", levels)
	return b.String()
}

func circle(n int) string {
	var b strings.Builder
	b.WriteString("{...F0}")
	for i := range n {
		fmt.Fprintf(&b, " fragment F%d on Query{...F%d}", i, (i+1)%n)
	}
	return b.String()
}
