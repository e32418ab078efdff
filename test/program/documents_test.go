package program

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

const (
	sitesText = "query Sites {\n  sites {\n    contentUrl\n  }\n}"
	sitesSHA1 = "48ecf4e6fef056537d0809d27dfe65578ba17a60"
	sitesHash = "633feffb53dcca3db5bc9145666825c14833b89cb990744d1df7c35a5a2ad53c"
	namesText = "query Names($site: String!) { site(contentUrl: $site) { name } }"
	otherText = "{ viewer { username } }"
)

// replaceFile writes a file beside and renames it, so that nobody reads half of it.
func replaceFile(t *testing.T, file, text string) {
	t.Helper()
	beside := file + ".new"
	if err := os.WriteFile(beside, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(beside, file); err != nil {
		t.Fatal(err)
	}
}

func manifest(t *testing.T, documents map[string]string) string {
	t.Helper()
	text, err := json.Marshal(documents)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// withDocuments starts the program with a manifest in mode enforce; admins may send anything.
func withDocuments(t *testing.T, change func(*config.Config)) (p *harness.Program, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "manifest.json")
	replaceFile(t, file, manifest(t, map[string]string{sitesSHA1: sitesText, "names": namesText}))
	return harness.Start(t, tableausim.Config{}, func(c *config.Config) {
		c.Documents = config.Documents{Manifests: []string{file}, Mode: config.DocumentsEnforce}
		for i := range c.Roles {
			if c.Roles[i].Name == "admins" {
				c.Roles[i].Documents = config.DocumentsOff
			}
		}
		if change != nil {
			change(c)
		}
	}), file
}

// documentRequest returns a POST of a body, or a GET where it begins with a question mark.
func documentRequest(ctx context.Context, t *testing.T, p *harness.Program, user, body string) *http.Request {
	t.Helper()
	method, address := http.MethodPost, p.Address+"/graphql"
	if strings.HasPrefix(body, "?") {
		method, address, body = http.MethodGet, address+body, ""
	}
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Accept", "application/graphql-response+json")
	r.Header.Set("Authorization", "Bearer "+p.Token(t, user))
	return r
}

func persistedQuery(hash, query string) string {
	text := fmt.Sprintf(`"extensions":{"persistedQuery":{"version":1,"sha256Hash":%q}}`, hash)
	if query != "" {
		text += fmt.Sprintf(`,"query":%q`, query)
	}
	return "{" + text + "}"
}

func withText(query string) string { return fmt.Sprintf(`{"query":%q}`, query) }

// An enforced manifest: listed documents run by their ids, and everything else is refused before
// it is parsed. Those whose roles say otherwise send what they like.
func TestOnlyTrustedDocumentsRun(t *testing.T) {
	t.Parallel()
	p, _ := withDocuments(t, nil)
	for _, c := range []struct{ user, body, codes string }{
		{"alice", `{"documentId":"` + sitesSHA1 + `"}`, ""},
		{"alice", `{"documentId":"sha256:` + sitesHash + `"}`, ""},
		{"alice", `{"documentId":"names","variables":{"site":""}}`, ""},
		{"alice", `{"documentId":"names"}`, "GRAPHQL_VALIDATION_FAILED"},
		{"alice", "?documentId=sha256:" + sitesHash, ""},
		{"alice", "?documentId=names&variables=" + url.QueryEscape(`{"site":""}`), ""},
		{"alice", persistedQuery(sitesHash, ""), ""},
		{"alice", persistedQuery(sitesHash, sitesText), ""},
		{"alice", persistedQuery(sitesHash, otherText), "BAD_USER_INPUT"},
		{"alice", withText(sitesText), ""},
		{"alice", withText(sitesText + " "), "DOCUMENT_NOT_TRUSTED"},
		{"alice", withText(otherText), "DOCUMENT_NOT_TRUSTED"},
		{"alice", withText("{{{ not GraphQL"), "DOCUMENT_NOT_TRUSTED"},
		{"alice", withText(strings.Repeat("{a", 30_000)), "DOCUMENT_NOT_TRUSTED"},
		{"alice", withText("{ __schema { types { name } } }"), "DOCUMENT_NOT_TRUSTED"},
		{"alice", `{"documentId":"sha256:` + strings.ToUpper(sitesHash) + `"}`, "DOCUMENT_NOT_TRUSTED"},
		{"alice", persistedQuery("x", ""), "DOCUMENT_NOT_TRUSTED"},
		{"alice", `{"documentId":"names","query":"{a}"}`, "BAD_USER_INPUT"},
		{"alice", `{"documentId":1}`, "BAD_USER_INPUT"},
		{"alice", `{"documentId":"` + strings.Repeat("x", 201) + `"}`, "BAD_USER_INPUT"},
		{"alice", `{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"x"}}}`, "BAD_USER_INPUT"},
		{"carol", withText(otherText), ""}, // admins
		{"carol", `{"documentId":"none"}`, "PERSISTED_QUERY_NOT_FOUND"},
	} {
		got := harness.Send(t, documentRequest(t.Context(), t, p, c.user, c.body))
		if got.Codes() != c.codes || (got.Data != nil) != (c.codes == "") {
			t.Errorf("%s, %.100s: want %q, got %d %.300s", c.user, c.body, c.codes, got.Status, got.Body)
		}
		if c.codes != "" && got.Status != http.StatusBadRequest {
			t.Errorf("%s, %.100s: status %d", c.user, c.body, got.Status)
		}
	}
	if !strings.Contains(p.Log.String(), "untrustedDocument=") || !strings.Contains(p.Log.String(), "document=sha256:"+sitesHash) {
		t.Errorf("the log names no documents: %s", p.Log.String())
	}
}

// A document that is registered saves bytes, and is trusted by nobody.
func TestRegisteredDocumentsRunByTheirHash(t *testing.T) {
	t.Parallel()
	const hash = "b6d2ab1e9b1ce3a6f3e4aa2b23ebd4cb1d6ad0b6b4f2c1ad04b0f8b2d2a3a0c4"
	p, _ := withDocuments(t, func(c *config.Config) {
		c.Documents.Automatic = true
		c.Documents.Mode = config.DocumentsLog
		c.Roles[1].Documents = config.DocumentsEnforce // analysts: alice
	})
	send := func(user, body string) string {
		t.Helper()
		return harness.Send(t, documentRequest(t.Context(), t, p, user, body)).Codes()
	}
	right := hashOf(otherText)
	for _, c := range []struct{ user, body, codes string }{
		{"bob", persistedQuery(right, ""), "PERSISTED_QUERY_NOT_FOUND"},
		{"bob", persistedQuery(hash, otherText), "BAD_USER_INPUT"},
		{"bob", persistedQuery(right, ""), "PERSISTED_QUERY_NOT_FOUND"},
		{"alice", persistedQuery(right, otherText), "DOCUMENT_NOT_TRUSTED"},
		{"bob", persistedQuery(hashOf("{ nothing }"), "{ nothing }"), "GRAPHQL_VALIDATION_FAILED"},
		{"bob", persistedQuery(hashOf("{ nothing }"), ""), "PERSISTED_QUERY_NOT_FOUND"},
		{"bob", persistedQuery(right, otherText), ""},
		{"bob", persistedQuery(right, ""), ""},
		{"carol", "?extensions=" + url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+right+`"}}`), ""},
		{"alice", persistedQuery(right, ""), "DOCUMENT_NOT_TRUSTED"},
		{"bob", withText(otherText), ""},
	} {
		if got := send(c.user, c.body); got != c.codes {
			t.Errorf("%s, %.150s: want %q, got %q", c.user, c.body, c.codes, got)
		}
	}
}

// A browser asks each time whether what it kept is still right, and what was kept for another user
// is never used.
func TestGETsAreValidated(t *testing.T) {
	t.Parallel()
	const viewer = "{ viewer { username } }"
	p, file := withDocuments(t, nil)
	replaceFile(t, file, manifest(t, map[string]string{"viewer": viewer, "bad": `{ site(contentUrl: "none") { name } }`}))
	p.App.Documents.Reload()
	get := func(user, query, tag string) *harness.Answer {
		t.Helper()
		r := documentRequest(t.Context(), t, p, user, query)
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		return harness.Send(t, r)
	}
	first := get("alice", "?documentId=viewer", "")
	tag := first.Header.Get("ETag")
	if first.Header.Get("Cache-Control") != "private, no-cache" || !strings.HasPrefix(tag, `W/"`) || !strings.Contains(strings.Join(first.Header.Values("Vary"), ","), "Authorization") {
		t.Errorf("%v", first.Header)
	}
	r := documentRequest(t.Context(), t, p, "alice", "?documentId=viewer")
	r.Header.Set("If-None-Match", `"x", `+tag)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNotModified || res.Header.Get("ETag") != tag || res.ContentLength > 0 {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	if other := get("bob", "?documentId=viewer", tag); other.Status != http.StatusOK || !strings.Contains(other.Body, "bob") {
		t.Errorf("bob is shown what was kept for alice: %d %s", other.Status, other.Body)
	}
	if got := get("alice", "?query="+url.QueryEscape(viewer), tag); got.Status != http.StatusNotModified {
		t.Errorf("a GET that brings its document: %d %v", got.Status, got.Header)
	}
	for body, user := range map[string]string{
		"?documentId=bad": "alice", `{"documentId":"viewer"}`: "alice",
		"?documentId=viewer&extensions=" + url.QueryEscape(`{"vitrine":{"calls":true}}`): "alice",
	} {
		if got := get(user, body, tag); got.Header.Get("ETag") != "" || got.Header.Get("Cache-Control") != "no-store" || got.Status != http.StatusOK {
			t.Errorf("%s: %d %v", body, got.Status, got.Header)
		}
	}
}

// A hundred new manifests, every third of them broken, while people ask: nobody notices.
func TestManifestsAreReplacedUnderLoad(t *testing.T) {
	t.Parallel()
	p, file := withDocuments(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	asked := make([]int, 4)
	for worker := range asked {
		wg.Go(func() {
			for ; ctx.Err() == nil; asked[worker]++ {
				r := documentRequest(t.Context(), t, p, "alice", `{"documentId":"sha256:`+sitesHash+`"}`)
				if got, err := harness.Exchange(r); err != nil || got.Status != 200 || got.Codes() != "" {
					t.Errorf("request %d: %+v, %v", asked[worker], got, err)
					return
				}
			}
		})
	}
	last := ""
	for i := range 100 {
		if i%3 == 2 {
			replaceFile(t, file, `{"broken": `)
		} else {
			last = fmt.Sprintf("release-%d", i)
			replaceFile(t, file, manifest(t, map[string]string{sitesSHA1: sitesText, last: fmt.Sprintf("query R%d { viewer { username } }", i)}))
		}
		p.App.Documents.Reload()
		if got := harness.Send(t, documentRequest(t.Context(), t, p, "alice", `{"documentId":"`+last+`"}`)); got.Codes() != "" {
			t.Errorf("reload %d: %s", i, got.Body)
		}
	}
	stop()
	wg.Wait()
	sum := 0
	for _, n := range asked {
		sum += n
	}
	t.Logf("%d requests during 100 replacements", sum)
	if got := strings.Count(p.Log.String(), "cannot be read again"); got != 33 {
		t.Errorf("%d warnings, want one for each broken manifest", got)
	}
}

func TestCheckValidatesAManifest(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, tableausim.Config{}, nil)
	settings := harness.SettingsFile(t, p.Servers, "")
	file := filepath.Join(t.TempDir(), "manifest.json")
	replaceFile(t, file, manifest(t, map[string]string{"good": sitesText, "people": `{ site(contentUrl: "") { users { nodes { name } } } }`, "wrong": "{ sites { nam } }"}))
	for role, want := range map[string][]string{
		"everyone":          {"ok      good", "FAILED  people", "FAILED  wrong", "line 1, column 11"},
		"everyone,analysts": {"ok      good", "ok      people", "FAILED  wrong"},
	} {
		out, _, err := call(t, nil, "check", "--config", settings, "--documents", file, "--role", role)
		if err == nil || !strings.Contains(err.Error(), "of 3 documents do not work for") {
			t.Errorf("%s: %v", role, err)
		}
		for _, text := range want {
			if !strings.Contains(out, text) {
				t.Errorf("%s: %q is not in\n%s", role, text, out)
			}
		}
	}
	replaceFile(t, file, manifest(t, map[string]string{"good": sitesText}))
	if out, _, err := call(t, nil, "check", "--config", settings, "--documents", file, "--role", "everyone"); err != nil || len(p.Tableau.Log()) > 0 {
		t.Errorf("%v, %v\n%s", err, p.Tableau.Log(), out)
	}
	for want, args := range map[string][]string{
		"--role is missing": {"--documents", file}, "does not exist": {"--documents", file, "--role", "nobody"}, "is for --documents": {"--role", "everyone"},
		"cannot be read": {"--documents", file + "x", "--role", "everyone"},
	} {
		if out, _, err := call(t, nil, append([]string{"check", "--config", settings}, args...)...); err == nil || !strings.Contains(err.Error()+out, want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
