package graphqlhttp

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/auth"
	"vitrine/internal/policy"
)

// A request that ends while the schema of its roles is compiled gets 503 and a time to ask again,
// and not that its roles leave nothing.
func TestRequestThatEndsWithoutASchemaMayAskAgain(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `directive @area(name: String!) on FIELD_DEFINITION
type Query { a: Int @area(name: "A") b: Int @area(name: "A") }`})
	roles, err := policy.New(schema, []policy.Role{{Name: "a", Allow: []string{"Query.a"}}, {Name: "b", Allow: []string{"Query.b"}}})
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{Config: Config{Policy: roles, Deadline: time.Minute}}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	header := http.Header{}
	_, refused := e.viewOf(over, header, &auth.Identity{})
	if refused == nil || refused.status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("%+v, %v", refused, header)
	}
}
