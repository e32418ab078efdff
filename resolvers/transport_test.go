package resolvers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMediaTypesFollowWeightsAndExactness(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ accept, want string }{
		{"", mediaJSON},
		{"*/*", mediaJSON},
		{"application/json", mediaJSON},
		{"application/graphql-response+json", mediaResponse},
		{"application/graphql-response+json, application/json;q=0.9", mediaResponse},
		{"application/graphql-response+json;q=0.8, application/json", mediaJSON},
		{"application/json, application/graphql-response+json", mediaResponse},
		{"application/*", mediaResponse},
		{"text/html, */*;q=0.1", mediaJSON},
		{"application/json; charset=utf-8", mediaJSON},
		{"APPLICATION/JSON", mediaJSON},
		{"application/json;q=0, */*", mediaResponse},
		{"application/graphql-response+json;q=0, application/*", mediaJSON},
		{"application/*;q=0, application/json;q=0.001", mediaJSON},
		{"*/*;q=0", ""},
		{"text/html", ""},
		{"application/json;q=0", ""},
		{"application/json;q=0.000", ""},
		{"application/json;q=2", ""},
		{"application/json;q=NaN, text/html", ""},
		{"application/json;q=1e0", ""},
		{"application/json;q=-1", ""},
		{"json", ""},
		{strings.Repeat("text/html,", 1000) + "application/json", mediaJSON},
	} {
		media, acceptable := accepted([]string{c.accept})
		if want := c.want; acceptable != (want != "") || want != "" && media != want {
			t.Errorf("%.80s: %s %t, want %q", c.accept, media, acceptable, want)
		}
	}
	if media, ok := accepted([]string{"text/html", "application/graphql-response+json"}); !ok || media != mediaResponse {
		t.Errorf("two headers: %s %t", media, ok)
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, ` `, `{`, `[]`, `"x"`, `null`, `{"query":1}`, `{"query":null}`, `{"query":""}`, `{"query":" "}`, `{"query":"{a}"} x`, `{"query":"{a}"}{}`,
		`{"query":"{a}","query":"{b}"}`, `{"QUERY":"{a}"}`, `{"Query":"{a}"}`, `{"query":"{a}","variables":[]}`, `{"query":"{a}","variables":"{}"}`,
		`{"query":"{a}","variables":{"a":1,"a":2}}`, `{"query":"{a}","variables":{"a":{"b":[{"c":1,"c":1}]}}}`, `{"query":"{a}","extensions":1}`,
		`{"query":"{a}","operationName":1}`, `{"query":"{a}",}`, `{"query":"{a}" "variables":{}}`, "{\"query\":\"{a}\xff\"}", "\ufeff{\"query\":\"{a}\"}",
		`{'query':'{a}'}`, `{"query":"{a}"/**/}`, `[{"query":"{a}"}]`,
		`{"query":"{a}","variables":{"a":` + strings.Repeat("[", maxNesting) + strings.Repeat("]", maxNesting) + `}}`,
	} {
		q, refused := decodeQuestion([]byte(body))
		if refused == nil {
			t.Errorf("%.100s was taken for %+v", body, q)
		} else if text := refused.errs.Error(); len(text) > 300 || len(body) > 20 && strings.Contains(text, body) {
			t.Errorf("%.100s is repeated, or told at length: %s", body, text)
		}
	}
	q, refused := decodeQuestion([]byte(`{"query":"{a}","operationName":"A","variables":{"n":12345678901234567890,"o":{"l":[true,null,"x"]}},"extensions":null,"other":1}`))
	if refused != nil {
		t.Fatal(refused.errs)
	}
	want := `map[n:12345678901234567890 o:map[l:[true <nil> x]]]`
	if diff := cmp.Diff(want, fmt.Sprint(q.Variables)); diff != "" || q.OperationName != "A" || q.Query != "{a}" {
		t.Errorf("%+v\n%s", q, diff)
	}
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
