package memory

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:generate go run github.com/99designs/gqlgen generate
//go:generate go run mvdan.cc/gofumpt@v0.12.0 -w generated.go models_gen.go

// documents is a cache of parsed documents without a bound.
type documents struct{ sync.Map }

// Get returns a document.
func (d *documents) Get(_ context.Context, key string) (*ast.QueryDocument, bool) {
	v, ok := d.Load(key)
	if !ok {
		return nil, false
	}
	return v.(*ast.QueryDocument), true
}

// Add keeps a document.
func (d *documents) Add(_ context.Context, key string, doc *ast.QueryDocument) { d.Store(key, doc) }

// Handler serves a site.
func Handler(site *Site) http.Handler {
	exec := executor.New(NewExecutableSchema(Config{Resolvers: root{site}}))
	exec.SetQueryCache(&documents{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var params graphql.RawParams
		if err := json.NewDecoder(r.Body).Decode(&params); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		ctx := graphql.StartOperationTrace(r.Context())
		operation, errs := exec.CreateOperationContext(ctx, &params)
		var response *graphql.Response
		if errs != nil {
			response = exec.DispatchError(graphql.WithOperationContext(ctx, operation), errs)
		} else {
			respond, inner := exec.DispatchOperation(ctx, operation)
			response = respond(inner)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(response) // fails when the client has gone
	})
}
