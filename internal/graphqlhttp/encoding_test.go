package graphqlhttp

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"vitrine/internal/problem"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Half of a surrogate pair is refused in every string: nothing is put in its place.
func TestLoneSurrogatesAreRefused(t *testing.T) {
	t.Parallel()
	for text, lone := range map[string]bool{
		`\uD800`: true, `\udfff`: true, `a\uD83Db`: true, `\uD83D\uD83D`: true, `\uDE00\uD83D`: true, `\uD83D\n\uDE00`: true, `\uD83D\u0041`: true, `\\\uD800`: true,
		`\uD83D\uDE00`: false, `\ud83d\ude00`: false, `\\uD800`: false, `\u0041`: false, `\uFFFD`: false, "\U0001F600": false, `\n\t\"`: false, `\uD7FF\uE000`: false, ``: false,
	} {
		bodies := []string{
			`{"query":"{a}","variables":{"a":"` + text + `"}}`, `{"query":"{a}","variables":{"` + text + `":1}}`, `{"query":"{a}","variables":{"a":[{"b":"` + text + `"}]}}`,
			`{"query":"{a}","operationName":"` + text + `"}`, `{"query":"{a}","extensions":{"a":"` + text + `"}}`, `{"query":"{a} #` + text + `"}`,
		}
		for _, body := range bodies {
			if _, err := parseRequest([]byte(body)); errors.Is(err, errSurrogate) != lone || (err != nil) != lone {
				t.Errorf("%s: %v", body, err)
			}
		}
		_, refused := readQuery(url.Values{"query": {"{a}"}, "variables": {`{"a":"` + text + `"}`}}.Encode())
		if (refused != nil) != lone {
			t.Errorf("variables of an address, %s: %v", text, refused)
		}
		for query, want := range map[string]bool{
			`{ a(b: "` + text + `") }`:                          lone,
			`{ x: a(b: "ä", c: ["", {d: "x` + text + `"}]) }`:   lone,
			`query($v: S = "` + text + `") { a @b(c: "") }`:     lone,
			"{ a } # \"" + text + "\"\n":                        false,
			`{ a(b: "") } # ä "` + text + `"`:                   false,
			`{ a(b: """` + text + ` """) c(d: "\u0041") }`:      false,
			`{ a(b: """ \""" ` + text + ` """) }`:               false,
			`{ a(b: """x""", c: "` + text + `", d: """y""") }`:  lone,
			`{ a(b: "\u{1F600}", c: "ääää` + text + `", d: 1)}`: lone,
		} {
			if got := hasLoneSurrogate(query); got != want {
				t.Errorf("%s: %v", query, got)
			}
		}
	}
	for _, query := range []string{`{ a(b: "\u{D800}") }`, `{ a(b: "\u{DFFF}") }`, `{ a(b: "\u{110000}") }`} {
		if _, err := parser.ParseQuery(&ast.Source{Input: query}); err == nil {
			t.Errorf("%s parses", query)
		}
	}
}

// What is no UTF-8 is refused in every part of a request. A byte order mark is ignored in a
// document, as the specification of GraphQL says, and refused in front of JSON.
func TestOtherEncodingsAreRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"\xff", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80", "\xe4"} {
		for _, body := range []string{`{"query":"{a ` + bad + `}"}`, `{"query":"{a}","operationName":"` + bad + `"}`, `{"query":"{a}","variables":{"` + bad + `":1}}`} {
			if _, refused := decodeRequest([]byte(body)); refused == nil {
				t.Errorf("%q is taken", body)
			}
		}
		for _, name := range []string{"query", "operationName", "variables", "extensions"} {
			values := url.Values{"query": {"{a}"}}
			values.Set(name, `{"a":"`+bad+`"}`)
			if _, refused := readQuery(values.Encode()); refused == nil {
				t.Errorf("%s with %q is taken", name, bad)
			}
		}
	}
	for _, body := range []string{"\ufeff{\"query\":\"{a}\"}", "\xff\xfe{\x00}\x00", "{\x00\"\x00q\x00"} {
		if _, refused := decodeRequest([]byte(body)); refused == nil {
			t.Errorf("%q is taken", body)
		}
	}
	if _, err := parser.ParseQuery(&ast.Source{Input: "\ufeff{ a }"}); err != nil {
		t.Errorf("a document with a byte order mark: %v", err)
	}
}

// A request that names a document by hash or id, and brings none, is answered as clients of
// persisted documents understand it.
func TestStoredDocumentsAreNotSupported(t *testing.T) {
	t.Parallel()
	const hash = `{"persistedQuery":{"version":1,"sha256Hash":"ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"}}`
	refusals := map[string]*httpError{}
	for _, body := range []string{
		`{"extensions":` + hash + `}`, `{"operationName":"A","variables":{"a":1},"extensions":` + hash + `}`, `{"query":"","extensions":` + hash + `}`,
		`{"query":null,"extensions":` + hash + `}`, `{"documentId":"sha256:ecf4"}`, `{"documentId":"x","variables":{}}`,
	} {
		q, refused := decodeRequest([]byte(body))
		if refused == nil {
			_, refused = transport{&engine{}}.named(q)
		}
		refusals[body] = refused
	}
	for _, values := range []url.Values{{"extensions": {hash}}, {"extensions": {hash}, "variables": {"{}"}, "operationName": {"A"}}, {"documentId": {"x"}}} {
		q, refused := readQuery(values.Encode())
		if refused == nil {
			_, refused = transport{&engine{}}.named(q)
		}
		refusals["?"+values.Encode()] = refused
	}
	for request, refused := range refusals {
		if refused == nil || refused.status != http.StatusBadRequest || refused.errs[0].Message != "PersistedQueryNotSupported" || refused.errs[0].Extensions["code"] != "PERSISTED_QUERY_NOT_SUPPORTED" {
			t.Errorf("%s: %v", request, refused)
		}
	}
	for _, body := range []string{`{"query":"{a}","extensions":` + hash + `}`, `{"query":"{a}","documentId":"x"}`} {
		if q, refused := decodeRequest([]byte(body)); refused != nil || q.Query != "{a}" {
			t.Errorf("%s: a document that is brought is refused: %v", body, refused)
		}
	}
	if _, refused := decodeRequest([]byte(`{"extensions":{}}`)); refused == nil || refused.errs[0].Extensions["code"] != problem.CodeBadInput {
		t.Errorf("neither a document nor a name: %v", refused)
	}
}
