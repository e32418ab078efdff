package tableau

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNewRefusesAddresses(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://tableau.example.com": true, "http://127.0.0.1:8081/": true, "https://t.example.com/behind/a/path": true,
		"": false, "tableau.example.com": false, "ftp://t": false, "https://": false, "https://t:x": false,
		"https://admin:" + markedPassword + "@t": false, "https://t/?a=b": false, "https://t/?": false, "https://t/#a": false,
		"https://" + markedPassword + " @t": false,
	} {
		_, err := New(Config{URL: address})
		if (err == nil) != ok {
			t.Errorf("%q: error %v", address, err)
		}
		wantNoSecret(t, err)
	}
	for version, ok := range map[string]bool{
		"": true, "auto": true, "3.24": true, "3": false, "3.x": false, "3.24.1": false, "v3.24": false, "3.-1": false, "../3.1": false,
	} {
		if _, err := New(Config{URL: "https://t", APIVersion: version}); (err == nil) != ok {
			t.Errorf("version %q: error %v", version, err)
		}
	}
}

func TestAtLeastComparesNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		version, least string
		want           bool
	}{
		{"3.9", "3.10", false}, {"3.10", "3.9", true}, {"3.10", "3.10", true}, {"2.8", "3.0", false}, {"4.0", "3.29", true}, {"3.29", "3.3", true},
	} {
		if got := AtLeast(tt.version, tt.least); got != tt.want {
			t.Errorf("%s at least %s: %v", tt.version, tt.least, got)
		}
	}
}

func serverInfo(version string) reply {
	return reply{body: `{"serverInfo":{"productVersion":{"value":"2025.3.0","build":"20253.25"},"restApiVersion":"` + version + `"}}`}
}

func TestVersionIsTheServersOwn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reply reply
		want  string
		kind  Kind
	}{
		"json":     {serverInfo("3.27"), "3.27", 0},
		"number":   {reply{body: `{"serverInfo":{"restApiVersion":3.30}}`}, "3.30", 0},
		"xml":      {reply{media: "application/xml", body: "<tsResponse><serverInfo><productVersion build='1'>2025.3</productVersion><restApiVersion> 3.27\n</restApiVersion></serverInfo></tsResponse>"}, "3.27", 0},
		"main":     {serverInfo("main"), "", Malformed},
		"climbing": {serverInfo("../../x"), "", Malformed},
		"none":     {reply{body: "{}"}, "", Malformed},
		"old":      {code(404, "404001"), "", Unsupported},
		"page":     {reply{media: "text/html", body: "<html>"}, "", Malformed},
		"down":     {reply{status: 503}, "", Unavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := serve(t, func(*http.Request) reply { return tt.reply })
			got, err := client(t, Config{URL: u.URL, APIVersion: "auto"}).Version(t.Context())
			if got != tt.want || tt.want == "" && !IsKind(err, tt.kind) || tt.want != "" && err != nil {
				t.Errorf("version %q, error %v", got, err)
			}
			if r := u.requests[0]; r.URL.Path != "/api/3.6/serverinfo" || r.Header.Get("X-Tableau-Auth") != "" {
				t.Errorf("asked by %s with %q", r.URL, r.Header)
			}
		})
	}
	u := serve(t, func(*http.Request) reply { return serverInfo("3.27") })
	if got, err := client(t, Config{URL: u.URL, APIVersion: "3.19"}).Version(t.Context()); got != "3.19" || err != nil || len(u.requests) != 0 {
		t.Errorf("a pinned version is %q, error %v, after %d requests", got, err, len(u.requests))
	}
}

func TestVersionIsBelievedForAnHour(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	version := "3.27"
	u := serve(t, func(*http.Request) reply {
		if down.Load() {
			return reply{status: 503}
		}
		return serverInfo(version)
	})
	now := start
	c := client(t, Config{URL: u.URL, Now: func() time.Time { return now }})
	want := func(when time.Duration, version string, requests int) {
		t.Helper()
		now = start.Add(when)
		got, err := c.Version(t.Context())
		if got != version || err != nil || len(u.requests) != requests {
			t.Errorf("after %s: %q, error %v, %d requests, want %d", when, got, err, len(u.requests), requests)
		}
	}
	want(0, "3.27", 1)
	want(59*time.Minute, "3.27", 1)
	version = "3.28"
	want(time.Hour, "3.28", 2)
	down.Store(true)
	want(3*time.Hour, "3.28", 3) // what it said last still holds
	want(3*time.Hour+30*time.Second, "3.28", 3)
	want(3*time.Hour+time.Minute, "3.28", 4)
	down.Store(false)
	version = "3.29"
	want(3*time.Hour+2*time.Minute, "3.29", 5)
	want(4*time.Hour, "3.29", 5)
}

func TestVersionIsAskedOnceForAllWhoWait(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}, 50), make(chan struct{})
	u := serve(t, func(*http.Request) reply {
		asked <- struct{}{}
		<-release
		return serverInfo("3.27")
	})
	c := client(t, Config{URL: u.URL})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got, err := c.Version(t.Context()); got != "3.27" || err != nil {
				t.Errorf("version %q, error %v", got, err)
			}
		})
	}
	<-asked
	close(release)
	wg.Wait()
	if n := len(u.requests); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func granted(site, user string) reply {
	return reply{body: `{"credentials":{"token":"` + markedToken + `","estimatedTimeToExpiration":"177:05:38",
		"site":{"id":"` + siteID + `","contentUrl":"` + site + `"},"user":{"id":"` + user + `"}}}`}
}

func TestSignInSendsWhatTableauTakes(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return granted("", userID) })
	c := u.client(t)
	tests := []struct {
		name string
		with Credentials
		site string
		as   LUID
		want string
	}{
		{"password", Credentials{Name: `EXAMPLE\admin`, Password: NewSecret(`p"w`)}, "", "", `{"credentials":{"name":"EXAMPLE\\admin","password":"p\"w","site":{"contentUrl":""}}}`},
		{"token", Credentials{TokenName: "svc", TokenSecret: NewSecret("abc==:def")}, "", "", `{"credentials":{"personalAccessTokenName":"svc","personalAccessTokenSecret":"abc==:def","site":{"contentUrl":""}}}`},
		{"impersonation", Credentials{TokenName: "svc", TokenSecret: NewSecret("s")}, "marketing", userID, `{"credentials":{"personalAccessTokenName":"svc","personalAccessTokenSecret":"s","site":{"contentUrl":"marketing"},"user":{"id":"` + userID + `"}}}`},
		{"JWT", Credentials{JWT: NewSecret("a.b.c")}, "acme", "", `{"credentials":{"jwt":"a.b.c","site":{"contentUrl":"acme"}}}`},
		{"unified access token", Credentials{JWT: NewSecret("a.b.c"), IsUAT: true}, "acme", "", `{"credentials":{"isUat":true,"jwt":"a.b.c","site":{"contentUrl":"acme"}}}`},
		{"never both", Credentials{Name: "admin", Password: NewSecret("p"), TokenName: "svc", TokenSecret: NewSecret("s")}, "", "", `{"credentials":{"personalAccessTokenName":"svc","personalAccessTokenSecret":"s","site":{"contentUrl":""}}}`},
	}
	for i, tt := range tests {
		g, err := c.SignIn(t.Context(), tt.with, tt.site, tt.as)
		if err != nil || g.Token.Reveal() != markedToken || g.SiteLUID != siteID || g.UserLUID != userID || g.ContentURL != tt.site || g.TokenEnds != "177:05:38" {
			t.Errorf("%s: %+v, error %v", tt.name, g, err)
		}
		if g.Scoped != !tt.with.JWT.IsZero() {
			t.Errorf("%s: scoped is %t", tt.name, g.Scoped)
		}
		if diff := cmp.Diff(tt.want, u.bodies[i]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		r := u.requests[i]
		if r.Header.Get("X-Tableau-Auth") != "" || r.Header.Get("Content-Type") != "application/json" || r.ContentLength != int64(len(tt.want)) {
			t.Errorf("%s: headers %v", tt.name, r.Header)
		}
		wantNoSecret(t, g)
	}
}

func TestSignInRefusesWhatWasNotAskedFor(t *testing.T) {
	t.Parallel()
	const other = "0ther000-0000-4000-8000-000000000003"
	xml := `<tsResponse xmlns="http://tableau.com/api"><credentials token="` + markedToken + `"><site id="` + siteID + `" contentUrl="marketing"/><user id="` + userID + `"/></credentials></tsResponse>`
	tests := []struct {
		name  string
		reply reply
		site  string
		as    LUID
		kind  Kind
		ok    bool
	}{
		{"as wanted", granted("marketing", userID), "marketing", userID, 0, true},
		{"as wanted, xml", reply{media: "text/xml", body: xml}, "marketing", userID, 0, true},
		{"site in another case", granted("Marketing", userID), "marketing", userID, 0, true},
		{"of its own, as any user", granted("marketing", other), "marketing", "", 0, true},
		{"another user", granted("marketing", other), "marketing", userID, Malformed, false},
		{"user in another case", granted("marketing", strings.ToUpper(userID)), "marketing", userID, 0, true},
		{"another site", granted("finance", userID), "marketing", userID, Malformed, false},
		{"another site, of its own", granted("finance", userID), "marketing", "", Malformed, false},
		{"another site than the default one", granted("finance", userID), "", userID, Malformed, false},
		{"no token", reply{body: `{"credentials":{"site":{"id":"s"},"user":{"id":"` + userID + `"}}}`}, "", userID, Malformed, false},
		{"no site", reply{body: `{"credentials":{"token":"t","user":{"id":"` + userID + `"}}}`}, "", userID, Malformed, false},
		{"no user", reply{body: `{"credentials":{"token":"t","site":{"id":"s"}}}`}, "", "", Malformed, false},
		{"nothing", reply{body: `{}`}, "", "", Malformed, false},
		{"token that is no text", reply{body: `{"credentials":{"token":{},"site":{"id":"s"},"user":{"id":"u"}}}`}, "", "", Malformed, false},
		{"wrong password", code(401, "401001"), "", "", LoginRefused, false},
		{"unknown user", code(404, "404002"), "", userID, Missing, false},
		{"no administrator", code(403, "403004"), "", userID, Refused, false},
		{"busy", code(429, "429000"), "", "", RateLimited, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := serve(t, func(*http.Request) reply { return tt.reply })
			g, err := u.client(t).SignIn(t.Context(), Credentials{Name: "admin", Password: NewSecret(markedPassword)}, tt.site, tt.as)
			if tt.ok != (err == nil) || (g != nil) != tt.ok {
				t.Fatalf("%v, error %v", g, err)
			}
			if !tt.ok {
				wantKind(t, err, tt.kind)
			}
		})
	}
}

func TestTokensThatFitNoHeaderAreNotTold(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return reply{body: "{}"} })
	err := u.client(t).SignOut(t.Context(), &Grant{Token: NewSecret(markedToken + "\n")})
	if err == nil {
		t.Error("a token with a line break was sent")
	}
	wantNoSecret(t, err)
}

func TestSignOutOfADeadSessionIsDone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reply reply
		kind  Kind
		ok    bool
	}{
		"ended": {reply{status: 204}, 0, true}, "gone before": {code(401, "401002"), 0, true}, "down": {reply{status: 500}, Unavailable, false},
	} {
		u := serve(t, func(*http.Request) reply { return tt.reply })
		err := u.client(t).SignOut(t.Context(), &Grant{Token: NewSecret(markedToken)})
		if (err == nil) != tt.ok || !tt.ok && !IsKind(err, tt.kind) {
			t.Errorf("%s: %v", name, err)
		}
		if r := u.requests[0]; r.Method != http.MethodPost || r.URL.Path != "/api/3.27/auth/signout" || r.Header.Get("X-Tableau-Auth") != markedToken {
			t.Errorf("%s: %s %s", name, r.Method, r.URL)
		}
	}
}

func TestAccountsAreFoundByExactNames(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply {
		return reply{body: `{"pagination":{"totalAvailable":"2"},"users":{"user":[null,{"name":"no id"},
			{"id":"u1","name":"kim","siteRole":"Viewer","domain":{"name":"example.com"}},{"id":"u2","name":"kim"}]}}`}
	})
	c := u.client(t)
	admin := &Grant{SiteLUID: siteID, Token: NewSecret(markedToken)}
	got, err := c.Accounts(t.Context(), admin, "cieq", "kim o'neil+x@example.com")
	if diff := cmp.Diff([]Account{{"u1", "kim", "example.com", "Viewer"}, {LUID: "u2", Name: "kim"}}, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if want := []string{"users?fields=_all_&filter=name:cieq:kim o'neil+x@example.com&pageSize=100"}; !slices.Equal(u.paths(), want) {
		t.Errorf("asked for %q", u.paths())
	}
	for _, name := range []string{"bob,name:eq:admin", "bob&filter=name:eq:admin", "", strings.Repeat("a", maxFilterBytes+1)} {
		var unasked *InputError
		if _, err := c.Accounts(t.Context(), admin, "eq", name); !errors.As(err, &unasked) {
			t.Errorf("%.30q: error %v", name, err)
		}
	}
	if len(u.requests) != 1 {
		t.Errorf("%d requests left", len(u.requests))
	}
	hollow := serve(t, func(*http.Request) reply { return reply{body: `{"message":"hello"}`} })
	_, err = hollow.client(t).Accounts(t.Context(), admin, "eq", "kim")
	wantKind(t, err, Malformed)
	cut := serve(t, func(*http.Request) reply {
		return reply{body: `{"pagination":{"totalAvailable":"101"},"users":{"user":[{"id":"u1","name":"kim"}]}}`}
	})
	_, err = cut.client(t).Accounts(t.Context(), admin, "eq", "kim")
	wantKind(t, err, Malformed) // whether there are one or two kims is unknown
}
