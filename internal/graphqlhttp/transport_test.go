package graphqlhttp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/problem"
)

func TestBodiesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, ` `, `{`, `[]`, `"x"`, `null`, `{"query":1}`, `{"query":null}`, `{"query":""}`, `{"query":" "}`, `{"query":"{a}"} x`, `{"query":"{a}"}{}`,
		`{"query":"{a}","query":"{b}"}`, `{"QUERY":"{a}"}`, `{"Query":"{a}"}`, `{"query":"{a}","variables":[]}`, `{"query":"{a}","variables":"{}"}`,
		`{"query":"{a}","variables":{"a":1,"a":2}}`, `{"query":"{a}","variables":{"a":{"b":[{"c":1,"c":1}]}}}`, `{"query":"{a}","extensions":1}`,
		`{"query":"{a}","operationName":1}`, `{"query":"{a}",}`, `{"query":"{a}" "variables":{}}`, "{\"query\":\"{a}\xff\"}", "\ufeff{\"query\":\"{a}\"}",
		`{"query":"{a}","variables":{"a":1,"\u0061":2}}`, `{"query":"{a}","variables":{` + keys(20) + `,"k3":1}}`, `{"query":"{a}","variables":{"n":` + strings.Repeat("9", maxDigits+1) + `}}`,
		`{"query":"{a}","variables":{"l":[` + strings.Repeat("0,", maxValues) + `0]}}`, `{'query':'{a}'}`, `{"query":"{a}"/**/}`, `[{"query":"{a}"}]`,
		`{"query":"{a}","variables":{"a":` + strings.Repeat("[", maxNesting) + strings.Repeat("]", maxNesting) + `}}`,
	} {
		q, refused := decodeRequest([]byte(body))
		if refused == nil {
			t.Errorf("%.100s was taken for %+v", body, q)
		} else if text := refused.errs.Error(); len(text) > 300 || len(body) > 20 && strings.Contains(text, body) {
			t.Errorf("%.100s is repeated, or reported at length: %s", body, text)
		}
	}
	q, refused := decodeRequest([]byte(`{"query":"{a}","operationName":"A","variables":{"n":12345678901234567890,"o":{"l":[true,null,"x"]}},"extensions":null,"other":1}`))
	if refused != nil {
		t.Fatal(refused.errs)
	}
	want := `map[n:12345678901234567890 o:map[l:[true <nil> x]]]`
	if diff := cmp.Diff(want, fmt.Sprint(q.Variables)); diff != "" || q.OperationName != "A" || q.Query != "{a}" {
		t.Errorf("%+v\n%s", q, diff)
	}
}

func keys(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"k%d":0`, i))
	}
	return strings.Join(all, ",")
}

// FuzzBodies: whatever a body is, it is read as encoding/json reads it or refused in a few words,
// and what is taken has no key twice.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{a}","operationName":"A","variables":{"n":1,"o":{"l":[true,null,"x\"\\"]}},"extensions":{}}`, `{"query":"{a}","query":""}`,
		`[{}]`, `{"query":"\ud800"}`, "{\"query\":\"\xff\"}", `{"query":1e9}`, `{"":{"":{"":[[]]}}}`, ` { "query" : "{a}" , "variables" : { "a" : [ ] } } `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		q, refused := decodeRequest(body)
		if refused != nil {
			if n := len(refused.errs.Error()); n > 400 || refused.status != 400 {
				t.Errorf("%d, reported in %d bytes", refused.status, n)
			}
			return
		}
		var plain struct {
			Query         string         `json:"query"`
			OperationName string         `json:"operationName"`
			Variables     map[string]any `json:"variables"`
			Extensions    map[string]any `json:"extensions"`
			DocumentID    any            `json:"documentId"`
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&plain); err == nil {
			if diff := cmp.Diff(request(plain), *q); diff != "" && !foldedKeys(body) {
				t.Errorf("read otherwise:\n%s", diff)
			}
		}
	})
}

// foldedKeys says whether encoding/json takes other keys for ours: it matches them without their
// case.
func foldedKeys(body []byte) bool {
	var object map[string]any
	_ = json.Unmarshal(body, &object)
	for key := range object {
		for _, ours := range []string{"query", "operationName", "variables", "extensions", "documentId"} {
			if strings.EqualFold(key, ours) && key != ours {
				return true
			}
		}
	}
	return false
}

// FuzzHeaders: whatever Accept holds, what is chosen is ours; whatever Content-Type and address
// are, they are taken or refused.
func FuzzHeaders(f *testing.F) {
	f.Add("application/json;q=0.5, */*", "application/json; charset=utf-8", "query=%7Ba%7D&variables=%7B%7D")
	f.Add("a/b;q=\"", "application/json;;", "query=%zz")
	f.Fuzz(func(t *testing.T, accept, media, query string) {
		if chosen, ok := problem.MediaType([]string{accept}); chosen != problem.MediaJSON && chosen != problem.MediaGraphQL || ok && accept == "text/html" {
			t.Errorf("%q: %s", accept, chosen)
		}
		if refused := plainJSON(http.Header{"Content-Type": {media}}); refused == nil && !strings.Contains(strings.ToLower(media), "application/json") {
			t.Errorf("%q was taken for JSON", media)
		}
		if q, refused := readQuery(query); (q == nil) == (refused == nil) || refused != nil && len(refused.errs.Error()) > 400 {
			t.Errorf("%q: %v %v", query, q, refused)
		}
	})
}

func TestAddressesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"", "query=", "query=%7Ba%7D&query=%7Bb%7D", "query=%zz", "query=%7Ba%7D&variables=1", "query=%7Ba%7D&variables=%7B%7D&variables=%7B%7D", "query=%ff",
		"query=%7Ba%7D&variables=%7B%22a%22%3A1%2C%22a%22%3A2%7D", "query=%7Ba%7D;x=1", "query=%7Ba%7D&extensions=[]",
	} {
		if q, refused := readQuery(query); refused == nil {
			t.Errorf("%s was taken for %+v", query, q)
		}
	}
	if q, refused := readQuery("query=%7Ba%7D&variables=%7B%22a%22%3A1%7D&operationName=A"); refused != nil || q.Query != "{a}" || fmt.Sprint(q.Variables) != "map[a:1]" {
		t.Errorf("%+v %v", q, refused)
	}
}
