package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
)

// signsFor are claims that say of the named claim that it was left out, in every form that is
// known, and in some that nobody has seen.
func signsFor(name string) map[string]string {
	forms := map[string]string{
		"has":                   `"has%s":true`,
		"has as text":           `"has%s":"true"`,
		"has as 1":              `"has%s":1`,
		"has in other letters":  `"Has_%s":"TRUE"`,
		"has an object":         `"has%s":{"a":1}`,
		"distributed":           `"_claim_names":{%q:"src1"},"_claim_sources":{"src1":{"endpoint":"https://graph.example/x"}}`,
		"aggregated":            `"_claim_names":{%q:"src1"},"_claim_sources":{"src1":{"JWT":"a.b.c"}}`,
		"names alone":           `"_claim_names":{%q:"src1"}`,
		"names without source":  `"_claim_names":{%q:null}`,
		"names with a number":   `"_claim_names":{%q:1}`,
		"names turned round":    `"_claim_names":{"src1":%q}`,
		"names a list":          `"_claim_names":[%q]`,
		"names a text":          `"_claim_names":%q`,
		"sources alone":         `"_claim_sources":{%q:{"endpoint":"https://graph.example/x"}}`,
		"sources of no name":    `"_claim_sources":{"src1":{"endpoint":"https://graph.example/%s"}}`,
		"sources beside others": `"_claim_names":{"phone":"src1"},"_claim_sources":{"src1":{},"src2":{"endpoint":"https://graph.example/%s"}}`,
		"sources a text":        `"_claim_sources":"https://graph.example/%s"`,
		"sources a list":        `"_claim_sources":["%s"]`,
		"names a number":        `"_claim_names":1,"x":"%s"`,
		"with a source":         `"%s:src1":"https://graph.example/x"`,
		"with a link":           `"%s@odata.nextLink":"https://graph.example/x"`,
	}
	signs := map[string]string{}
	for form, text := range forms {
		signs[form] = fmt.Sprintf(text, name)
	}
	return signs
}

// holds merges JSON members into claims.
func holds(t *testing.T, claims dict, members string) dict {
	t.Helper()
	var more dict
	if err := json.Unmarshal([]byte("{"+members+"}"), &more); err != nil {
		t.Fatalf("%s: %v", members, err)
	}
	merged := maps.Clone(claims)
	maps.Copy(merged, more)
	return merged
}

// Whatever the settings read of a token, or of UserInfo, is refused where it was left out, whether
// a part of it is there or not.
func TestClaimsThatWereLeftOutAreRefused(t *testing.T) {
	t.Parallel()
	c := newClock()
	base := with(goodClaims(c.Now()), dict{"department": "Sales", "realm": dict{"roles": []string{"r"}, "regions": []string{"N"}}})
	// The settings that read a claim: each reads it in another place of the code.
	readers := map[string]struct {
		claim    string
		top      string // the member of the token that holds it
		settings func(*Issuer)
	}{
		"groups":               {"groups", "groups", func(*Issuer) {}},
		"groups in an object":  {"realm.roles", "realm", func(i *Issuer) { i.Groups.Claim = "realm.roles" }},
		"a further claim":      {"department", "department", func(i *Issuer) { i.Claims = []string{"department"} }},
		"one within an object": {"realm.regions", "realm", func(i *Issuer) { i.Claims = []string{"realm.regions"} }},
	}
	for reader, r := range readers {
		f := newProviderFake(rsaPair())
		config := goodConfig(f, c.Now)
		r.settings(&config.Issuers[0])
		v := newVerifier(t, config)
		config.Issuers[0].UserInfo = true
		asking := newVerifier(t, config)
		f.userInfo = answer(dict{"sub": "u-1", "email": "bob@example.com", "email_verified": true})
		wantStatus(t, v, sign(t, rsaPair(), goodHeader(rsaPair()), base), 200)
		for form, members := range signsFor(r.claim) {
			t.Run(reader+", "+form, func(t *testing.T) {
				lean := holds(t, with(base, dict{r.top: nil}), members)
				wantStatus(t, v, sign(t, rsaPair(), goodHeader(rsaPair()), lean), 403)
				wantStatus(t, v, sign(t, rsaPair(), goodHeader(rsaPair()), holds(t, base, members)), 403)
				// The token says it and UserInfo is asked, and the other way round.
				wantStatus(t, asking, sign(t, rsaPair(), goodHeader(rsaPair()), with(lean, dict{"email": nil})), 403)
				f.set(func() {
					f.userInfo = answer(holds(t, dict{"sub": "u-1", "email": "bob@example.com", "email_verified": true}, members))
				})
				wantStatus(t, asking, sign(t, rsaPair(), goodHeader(rsaPair()), with(base, dict{"email": nil, "jti": form, r.top: nil})), 403)
			})
		}
	}
}

func TestOtherClaimsMayBeLeftOut(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	for name, members := range map[string]string{
		"no groups":          `"hasgroups":false`,
		"no groups, as text": `"hasgroups":"false"`,
		"no groups, as 0":    `"hasgroups":0`,
		"null":               `"hasgroups":null,"_claim_names":null,"_claim_sources":null`,
		"empty":              `"_claim_names":{},"_claim_sources":{}`,
		"another claim":      `"_claim_names":{"phone":"src1"},"_claim_sources":{"src1":{"endpoint":"https://graph.example/x"}}`,
		"without its source": `"_claim_names":{"phone":"src1"}`,
		"hash of something":  `"hash":"x"`,
	} {
		if _, err := v.Verify(context.Background(), sign(t, rsaPair(), goodHeader(rsaPair()), holds(t, with(goodClaims(c.Now()), dict{"groups": nil}), members))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestScopesClientAndNameThatWereLeftOut(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	for _, name := range append([]string{"scope", "scp", "email"}, clientClaims...) {
		for _, members := range []string{`"_claim_names":{"%s":"src1"}`, `"has%s":true`, `"%s:src1":"https://graph.example/x"`} {
			raw := sign(t, rsaPair(), goodHeader(rsaPair()), holds(t, with(goodClaims(c.Now()), dict{"client_id": nil}), fmt.Sprintf(members, name)))
			wantStatus(t, v, raw, 403)
		}
	}
}

func TestGroupsInOtherForms(t *testing.T) {
	t.Parallel()
	c := newClock()
	strict := goodConfig(newProviderFake(rsaPair()), c.Now)
	unused := goodConfig(newProviderFake(rsaPair()), c.Now)
	unused.Issuers[0].GroupsUnused, unused.Issuers[0].GrantUnused = true, true
	v, lax := newVerifier(t, strict), newVerifier(t, unused)
	for name, test := range map[string]struct {
		members string
		lax     int // where no role depends on groups
	}{
		"an object":               {`"groups":{"value":["a"]}`, 403},
		"a link in an object":     {`"groups":{"endpoint":"https://graph.example/x"}`, 403},
		"a link":                  {`"groups":"https://graph.example/x"`, 403},
		"a link in a list":        {`"groups":["a","HTTPS://graph.example/x"]`, 403},
		"null":                    {`"groups":null`, 403},
		"true":                    {`"groups":true`, 403},
		"null in a list":          {`"groups":[null]`, 403},
		"not whole":               {`"groups":["a"],"groups_truncated":true`, 200},
		"overage":                 {`"groupsOverage":"1"`, 200},
		"more":                    {`"hasMoreGroups":true`, 200},
		"next":                    {`"groups":["a"],"groups_next":"x"`, 200},
		"under another name":      {`"cognito:groups":["a"]`, 200},
		"under an address":        {`"https://example.com/groups":["a"]`, 200},
		"in other letters":        {`"Groups":["a"]`, 200},
		"cut claims by name":      {`"truncated_claims":["phone","groups"]`, 200},
		"overage of a list":       {`"overage":["groups"]`, 200},
		"overage of an object":    {`"overage":{"groups":1}`, 200},
		"overage alone":           {`"overage":true`, 200},
		"incomplete":              {`"incomplete":"groups"`, 200},
		"the token is cut":        {`"groups":[],"truncated":true`, 200},
		"the token is partial":    {`"groups":["a"],"partial":"yes"`, 200},
		"there is more":           {`"groups":["a"],"hasMore":1`, 200},
		"claim_names":             {`"claim_names":{"groups":"src1"}`, 403},
		"_claim_name":             {`"_claim_name":{"groups":"src1"}`, 403},
		"claimSources":            {`"claimSources":{"groups":{"endpoint":"https://graph.example/x"}}`, 403},
		"an abbreviation":         {`"grp_overage":true`, 200},
		"left out":                {`"left_out":[1]`, 200},
		"omitted":                 {`"omittedClaims":["GROUPS"]`, 200},
		"a next link":             {`"@odata.nextLink":"https://graph.example/x"`, 200},
		"commas":                  {`"groups":"contractors,staff"`, 200},
		"commas and spaces":       {`"groups":"contractors, staff"`, 200},
		"spaces":                  {`"groups":"contractors staff"`, 200},
		"semicolons":              {`"groups":"contractors;staff"`, 200},
		"bars":                    {`"groups":"contractors|staff"`, 200},
		"lines":                   {`"groups":"contractors\nstaff"`, 200},
		"brackets":                {`"groups":"[contractors, staff]"`, 200},
		"one in brackets":         {`"groups":"[contractors]"`, 200},
		"JSON":                    {`"groups":"[\"contractors\"]"`, 200},
		"JSON within a list":      {`"groups":["[\"contractors\",\"staff\"]"]`, 200},
		"an object as JSON":       {`"groups":"{\"a\":\"contractors\"}"`, 200},
		"commas within a list":    {`"groups":["contractors,staff"]`, 200},
		"and so on":               {`"groups":["a","..."]`, 200},
		"sources of unknown form": {`"_claim_sources":"https://graph.example/x"`, 200},
	} {
		raw := sign(t, rsaPair(), goodHeader(rsaPair()), holds(t, with(goodClaims(c.Now()), dict{"groups": nil}), test.members))
		if _, err := v.Verify(context.Background(), raw); status(err) != 403 {
			t.Errorf("%s: got %d (%v), want 403", name, status(err), err)
		}
		if _, err := lax.Verify(context.Background(), raw); status(err) != test.lax {
			t.Errorf("%s, where no role needs groups: got %d (%v), want %d", name, status(err), err, test.lax)
		}
	}
}

// Where the names are known that conditions look for, a text is refused that may hide one of them,
// and no other: a name may hold spaces, and a distinguished name commas.
func TestTextsThatMayBeListsAreRefusedWhereItMatters(t *testing.T) {
	t.Parallel()
	c := newClock()
	config := goodConfig(newProviderFake(rsaPair()), c.Now)
	config.Issuers[0].Groups.Names = []string{"contractors", "BI Analysts", "Users"}
	config.Issuers[0].RoleScopes = []string{"bi.read"}
	v := newVerifier(t, config)
	for members, want := range map[string]int{
		`"groups":"contractors"`:                               200,
		`"groups":"contractors,staff"`:                         403,
		`"groups":"staff contractors"`:                         403,
		`"groups":"staff; Contractors"`:                        403,
		`"groups":"[contractors]"`:                             403,
		`"groups":"[\"contractors\"]"`:                         403,
		`"groups":["staff,contractors"]`:                       403,
		`"groups":["[\"contractors\"]"]`:                       403,
		`"groups":"BI Analysts"`:                               200,
		`"groups":["BI Analysts"]`:                             200,
		`"groups":"Domain Users"`:                              403,
		`"groups":["Domain Users"]`:                            200,
		`"groups":"Domain Guests"`:                             200,
		`"groups":"CN=contractors,OU=Groups,DC=example"`:       200,
		`"groups":["CN=contractors,OU=Groups,DC=example","a"]`: 200,
		`"scope":"openid,bi.read"`:                             403,
		`"scp":["bi.read;email"]`:                              403,
		`"scp":"[\"bi.read\"]"`:                                403,
		`"scope":"openid,email"`:                               200,
		`"scope":"openid bi.read"`:                             200,
	} {
		raw := sign(t, rsaPair(), goodHeader(rsaPair()), holds(t, with(goodClaims(c.Now()), dict{"groups": nil}), members))
		if _, err := v.Verify(context.Background(), raw); err == nil != (want == 200) || err != nil && status(err) != want {
			t.Errorf("%s: %v, want %d", members, err, want)
		}
	}
}

// Signs about scopes are refusals where a role depends on scopes, and only there.
func TestScopesThatWereLeftOut(t *testing.T) {
	t.Parallel()
	c := newClock()
	strict := goodConfig(newProviderFake(rsaPair()), c.Now)
	strict.Issuers[0].GroupsUnused = true
	unused := goodConfig(newProviderFake(rsaPair()), c.Now)
	unused.Issuers[0].GroupsUnused, unused.Issuers[0].GrantUnused = true, true
	v, lax := newVerifier(t, strict), newVerifier(t, unused)
	for _, members := range []string{
		`"_claim_sources":{"src1":{"endpoint":"https://x.example/y"}}`, `"_claim_names":1`, `"scope_truncated":true`, `"scopes":["a"]`, `"truncated":true`,
		`"scp_overage":1`, `"omitted":["scope"]`, `"scope":"a,b"`, `"scope":"[\"a\"]"`, `"scp":["a;b"]`, `"scopesMore":true`,
	} {
		raw := sign(t, rsaPair(), goodHeader(rsaPair()), holds(t, with(goodClaims(c.Now()), dict{"scope": nil}), members))
		wantStatus(t, v, raw, 403)
		wantStatus(t, lax, raw, 200)
	}
	for _, members := range []string{`"groups_truncated":true`, `"scope_id":"x"`, `"truncated":["phone"]`, `"scope":"a b"`} {
		wantStatus(t, v, sign(t, rsaPair(), goodHeader(rsaPair()), holds(t, with(goodClaims(c.Now()), dict{"scope": nil}), members)), 200)
	}
}

func TestNamesWithoutAVisibleCharacterAreNone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", " ", "\t\r\n", "\u200b", "\u200c\u200d", "\ufeff", "\u2060", "\u00ad", "\u00a0", "\u3000", "\u2800", "\u3164", "\u115f", "\uffa0", "\u180e",
		"\ufe0f", "\u202e", "\x00", "\u034f", "\U000e0041", " \u200b ",
	} {
		if !Blank(name) {
			t.Errorf("%q counts as a name", name)
		}
	}
	for _, name := range []string{"a", "\u200ba", "-", "0", "é", "組", "🙂", "\xff"} {
		if Blank(name) {
			t.Errorf("%q counts as none", name)
		}
	}
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	id, err := v.Verify(context.Background(), sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{
		"groups": []string{"\u200b", "a", "\u2060"}, "scope": "\u200b x", "client_id": "\u200b", "azp": "front-end",
	})))
	if err != nil || fmt.Sprintf("%s %s %s", id.Groups, id.Scopes, id.Client) != "[a] [x] front-end" {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestEmptyNamesAreNone(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	raw := sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{
		"groups": []string{"", " ", "a", "\t"}, "scope": "  ", "scp": []string{"", "x"}, "client_id": "", "azp": "front-end",
	}))
	id, err := v.Verify(context.Background(), raw)
	if err != nil || fmt.Sprintf("%s %s %s", id.Groups, id.Scopes, id.Client) != "[a] [x] front-end" {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestBoundTokensPassOnlyWhereTheSettingsSaySo(t *testing.T) {
	t.Parallel()
	c := newClock()
	config := goodConfig(newProviderFake(rsaPair()), c.Now)
	config.Issuers[0].DangerouslyAcceptBoundTokens = true
	raw := sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{"cnf": dict{"jkt": "x"}}))
	wantStatus(t, newVerifier(t, config), raw, 200)
	_, err := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now)).Verify(context.Background(), raw)
	if status(err) != 401 || !strings.Contains(err.Error(), "cnf") {
		t.Errorf("got %v", err)
	}
}

// Claims that only go-oidc reads are not worth a refusal, and what it refuses is never called a bad
// signature.
func TestOddClaimsAreNotABadSignature(t *testing.T) {
	t.Parallel()
	c := newClock()
	config := goodConfig(newProviderFake(rsaPair()), c.Now)
	config.Issuers[0].Leeway = maxLeeway
	v := newVerifier(t, config)
	now := c.Now().Unix()
	for name, members := range map[string]string{
		"nonce a number":               `"nonce":1`,
		"nonce an object":              `"nonce":{}`,
		"NONCE a number":               `"NONCE":1`,
		"at_hash a number":             `"at_hash":1`,
		"_claim_names without sources": `"_claim_names":{"phone":"src1"}`,
		"_claim_names without a name":  `"_claim_names":{"phone":""}`,
		"_claim_names of numbers":      `"_claim_names":{"phone":1}`,
		"_claim_sources of texts":      `"_claim_names":{"phone":"src1"},"_claim_sources":{"src1":"x"}`,
		"an endpoint a number":         `"_claim_names":{"phone":"src1"},"_claim_sources":{"src1":{"endpoint":1}}`,
		"nbf within the leeway":        fmt.Sprintf(`"nbf":%d`, now+299),
		"exp within the leeway":        fmt.Sprintf(`"exp":%d.9`, now-299),
	} {
		if _, err := v.Verify(context.Background(), sign(t, rsaPair(), goodHeader(rsaPair()), holds(t, goodClaims(c.Now()), members))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, test := range map[string]struct {
		header dict
		claims string
		want   string
	}{
		"x5c that cannot be read": {dict{"x5c": []string{"MIIB"}}, ``, "header has a member that cannot be read"},
		"nonce in the header":     {dict{"nonce": 1}, ``, "header has a member that cannot be read"},
		"iss in capitals":         {nil, `"ISS":"x"`, "upper and lower case"},
	} {
		_, err := v.Verify(context.Background(), sign(t, rsaPair(), with(goodHeader(rsaPair()), test.header), holds(t, goodClaims(c.Now()), test.claims)))
		if status(err) != 401 || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

func TestOneIssuerIsEnoughToBeReady(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	config := goodConfig(f, c.Now)
	down := config.Issuers[0]
	down.URL, down.Username.PrefixDomain = "https://down.example.com", "DOWN"
	config.Issuers[0].Username.PrefixDomain = "UP"
	gone := newProviderFake()
	gone.down = true
	down.Client = gone.client()
	config.Issuers = append([]Issuer{down}, config.Issuers...)
	v := newVerifier(t, config)
	wantStatus(t, v, sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{"iss": down.URL})), 503)
	if v.Ready() {
		t.Error("ready although no issuer has keys")
	}
	wantStatus(t, v, sign(t, rsaPair(), goodHeader(rsaPair()), goodClaims(c.Now())), 200)
	if !v.Ready() {
		t.Error("not ready although one issuer works")
	}
}

func TestUserInfoOfAnotherFormSaysSo(t *testing.T) {
	t.Parallel()
	say := func(kind, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write([]byte(text))
		}
	}
	for name, test := range map[string]struct {
		h    http.HandlerFunc
		want string
	}{
		"signed":               {say("application/jwt; charset=utf-8", "eyJh.eyJh.AAAA"), "userinfo_signed_response_alg"},
		"signed, as JSON":      {say("application/json", "eyJh.eyJh.AAAA"), "userinfo_signed_response_alg"},
		"encrypted":            {say("application/jwt", "a.b.c.d.e"), "userinfo_signed_response_alg"},
		"HTML":                 {say("text/html", "<!doctype html>"), "a page (HTML)"},
		"HTML without a type":  {say("", " <html>"), "a page (HTML)"},
		"a list":               {say("application/json", "[]"), "JSON object"},
		"nothing":              {say("application/json", ""), "JSON object"},
		"members given twice":  {say("application/json", `{"sub":"a","sub":"b"}`), "distinct keys"},
		"an address elsewhere": {http.RedirectHandler("https://login.example.com/sign-in", 302).ServeHTTP, "302"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			v, f := withUserInfo(t, c, test.h)
			_, err := v.Verify(context.Background(), lean(t, c))
			if status(err) != 503 || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a 503 that says %q", err, test.want)
			}
			if errs := v.Check(context.Background()); len(errs) != 1 || !strings.Contains(errs[0].Error(), test.want) {
				t.Errorf("check: %v, want %q", errs, test.want)
			}
			f.set(func() { f.userInfo = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) } })
			if errs := v.Check(context.Background()); len(errs) != 0 {
				t.Errorf("check of an endpoint that refuses: %v", errs)
			}
		})
	}
}
