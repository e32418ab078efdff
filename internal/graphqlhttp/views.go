package graphqlhttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/auth"
	"vitrine/internal/coerce"
	"vitrine/internal/policy"
	"vitrine/internal/problem"
)

// engine runs documents, each against the schema that its caller sees.
type engine struct {
	Config
	gate    *gate
	bytes   *byteRoom
	sending *sending

	known knownBodies

	mu        sync.Mutex
	bySchema  map[*ast.Schema]*schemaEngine
	documents int // bytes of the documents that are kept for all schemas
}

// viewEngine runs documents as a set of roles: what its caller may not ask does not exist for it.
type viewEngine struct {
	view    *policy.View
	scalars map[string]coerce.Scalar
	*schemaEngine
}

// partOf returns the part of a document of the pages that the view has. They are few, so each part
// is kept.
func (v *viewEngine) partOf(hash, text string) string {
	if part, ok := v.parts.Load(hash); ok {
		return part.(string)
	}
	part, err := v.view.Part(text)
	if err != nil {
		return text // its validation says what is wrong
	}
	v.parts.Store(hash, part)
	return part
}

// schemaEngine has what is known of one schema, which several sets of roles may see.
type schemaEngine struct {
	documents documentCache
	parts     sync.Map // of documents of the pages: hash -> the part that the schema has
}

// caller is what follows from the token of a request alone. It is kept with the token.
type caller struct {
	engine *engine
	*viewEngine
	owner, roles string // in the keys of answers that are kept; owner is empty where none is
}

// callerOf finds out who asks, and in which schema: see viewOf.
func (e *engine) callerOf(ctx context.Context, header http.Header, id *auth.Identity) (*caller, *httpError) {
	memo := auth.MemoFrom(ctx)
	if c, ok := memo.Load().(*caller); ok && c.engine == e {
		return c, nil
	}
	view, refused := e.viewOf(ctx, header, id)
	if refused != nil {
		return nil, refused
	}
	c := &caller{engine: e, viewEngine: view}
	if e.Cache != nil {
		c.owner, c.roles = e.Owner(id), fmt.Sprintf("%q", view.view.Roles)
	}
	memo.Store(c)
	return c, nil
}

// coercer judges the values that documents and variables bring.
func (v *viewEngine) coercer() coerce.Coercer {
	return coerce.Coercer{Schema: v.view.Schema, Scalars: v.scalars}
}

// maxEngines bounds for how many schemas documents are kept ready.
const maxEngines = 512

// viewOf chooses the schema of a request, and refuses one that has none. A schema that is not there
// yet is compiled, which its caller pays before and waits for during half the time that an
// operation has.
func (e *engine) viewOf(ctx context.Context, header http.Header, id *auth.Identity) (*viewEngine, *httpError) {
	roles := e.Policy.RolesFor(CallerOf(id))
	if points := e.Policy.CompilePoints(roles); points > 0 {
		if _, refused := e.chargePoints(ctx, header, id, points, false); refused != nil {
			return nil, refused
		}
	}
	ctx, cancel := context.WithTimeout(ctx, e.Deadline/2)
	defer cancel()
	view, err := e.viewFor(ctx, roles)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil, tooMany(header, http.StatusServiceUnavailable, busyRetry, "the schema of your roles is still being compiled: ask again later")
	}
	if err != nil {
		return nil, &httpError{http.StatusForbidden, gqlerror.List{withCode(forbiddenText(err), problem.CodeForbidden)}}
	}
	return view, nil
}

// viewFor is the one place where roles become a schema.
func (e *engine) viewFor(ctx context.Context, roles []string) (*viewEngine, error) {
	view, err := e.Policy.ViewContext(ctx, roles)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	engine := e.bySchema[view.Schema]
	if engine == nil {
		if len(e.bySchema) >= maxEngines {
			clear(e.bySchema)
			e.documents = 0
		}
		engine = &schemaEngine{}
		e.bySchema[view.Schema] = engine
	}
	return &viewEngine{view, e.Scalars, engine}, nil
}

// keep keeps a document that passed validation. The documents of all schemas together are bounded
// too: when there are too many, all are dropped.
func (e *engine) keep(v *viewEngine, query string, doc *document) {
	e.count(v.documents.add(query, doc))
}

// count counts bytes of documents.
func (e *engine) count(more int) {
	if more == 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.documents = max(0, e.documents+more) // a schema that is no longer counted may have let some go
	if e.documents <= maxAllDocumentBytes {
		return
	}
	for _, other := range e.bySchema {
		other.documents.clear()
	}
	e.documents = 0
}

// CallerOf returns what the conditions of roles read.
func CallerOf(id *auth.Identity) policy.Caller {
	return policy.Caller{Groups: id.Groups, Scopes: id.Scopes, Client: id.Client, Claims: id.Claims}
}
