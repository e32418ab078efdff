package program

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/problem"
)

// TestErrorBodiesAreAlike compares the answers of all parts of the server that refuse requests: the
// same headers, the same members, and the one text of their code where the code has only one.
func TestErrorBodiesAreAlike(t *testing.T) {
	t.Parallel()
	handler, token, _ := attacked(t)
	request := func(method, path, token, body string) *http.Request {
		r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", problem.MediaGraphQL)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return r
	}
	for name, c := range map[string]struct {
		request *http.Request
		status  int
		code    string
		text    string // "" for any
	}{
		"no token":         {request("POST", "/graphql", "", "{}"), 401, "UNAUTHENTICATED", ""},
		"no token, schema": {request("GET", "/schema.graphql", "", ""), 401, "UNAUTHENTICATED", ""},
		"no query":         {request("POST", "/graphql", token, "{}"), 400, "BAD_USER_INPUT", ""},
		"no method":        {request("PUT", "/graphql", token, "{}"), 405, "BAD_USER_INPUT", ""},
		"schema by POST":   {request("POST", "/schema.graphql", token, "{}"), 405, "BAD_USER_INPUT", ""},
		"no link":          {request("GET", "/content/x", "", ""), 404, "NOT_FOUND", problem.Text(problem.CodeNotFound)},
		"content by POST":  {request("POST", "/content/x", "", ""), 405, "METHOD_NOT_ALLOWED", ""},
		"no such field":    {request("POST", "/graphql", token, `{"query":"{x}"}`), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		"no such object":   {request("POST", "/graphql", token, `{"query":"{node(id:\"x\"){id}}"}`), 200, "NOT_FOUND", problem.Text(problem.CodeNotFound)},
		"no such workbook": {
			request("POST", "/graphql", token, `{"query":"{site{workbook(by:{luid:\"0f6b1ea8-3f4c-4f0b-8a7e-0d6f7a9b3c21\"}){id}}}"}`), 200, "NOT_FOUND", problem.Text(problem.CodeNotFound),
		},
	} {
		w := strike(handler, c.request)
		var body struct {
			Errors []struct {
				Message    string
				Extensions map[string]any
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != c.status || len(body.Errors) != 1 {
			t.Errorf("%s: %d %s: %v", name, w.Code, w.Body, err)
			continue
		}
		got := body.Errors[0]
		if diff := cmp.Diff(map[string]any{"code": c.code, "requestId": w.Header().Get(problem.RequestIDHeader)}, got.Extensions); diff != "" {
			t.Errorf("%s: extensions (-want +got):\n%s", name, diff)
		}
		if got.Message == "" || c.text != "" && got.Message != c.text {
			t.Errorf("%s: message %q, want %q", name, got.Message, c.text)
		}
		for header, want := range map[string]string{
			"Content-Type": problem.MediaGraphQL + "; charset=utf-8", "Content-Length": strconv.Itoa(w.Body.Len()),
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		} {
			if got := w.Header().Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
	}
}
