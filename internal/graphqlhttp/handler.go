// Package graphqlhttp serves GraphQL over HTTP
// (https://graphql.github.io/graphql-over-http/draft/): media types, limits, the cache of
// documents, budgets, admission and execution. It knows nothing of Tableau: the schema's resolvers,
// and what an operation does upstream, come in through [Config].
//
// A request passes transport.go (HTTP), request.go (what was sent), views.go (the schema that the
// caller sees), prepare.go (limits and validation), admission.go (budgets and memory) and run.go
// (execution).
package graphqlhttp

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/auth"
	"vitrine/internal/answercache"
	"vitrine/internal/budget"
	"vitrine/internal/coerce"
	"vitrine/internal/exec"
	"vitrine/internal/policy"
	"vitrine/internal/problem"
)

// defaultDeadline is Config.Deadline where it is zero.
const defaultDeadline = time.Minute

// Config is what a handler needs.
type Config struct {
	Policy   *policy.Policy
	Limits   policy.Limits
	Deadline time.Duration // for one operation; a minute when zero
	// MaxFields bounds the fields of one answer; 500,000 when zero.
	MaxFields int
	// UnderWay bounds the fields of all answers in progress; 2,000,000 when zero.
	UnderWay int
	// AnswerBytes bounds the bytes of one answer; 32,000,000 when zero.
	AnswerBytes int
	// Budget bounds the points that one person may spend in a minute; nil for no bound.
	Budget *budget.Budget
	// Trusted are the documents that clients can name; the zero value has none.
	Trusted Trusted
	// Charged receives the cost of each request, in points; it may be nil.
	Charged func(ctx context.Context, points int)

	// Cache keeps answers; nil for none.
	Cache *answercache.Cache
	// Generation names the settings that a handler was made with, among those of all handlers with the
	// same cache: roles of one name differ between them.
	Generation string
	// Owner returns everything that shapes what a caller is answered, beside the roles. Callers for
	// whom it returns the same text get each other's answers; where it is empty none is kept. It is
	// needed with Cache.
	Owner func(*auth.Identity) string
	// Logouts returns marks of the logouts of a caller: an answer that was kept before one of them is
	// not sent again. It is nil where nobody can be logged out.
	Logouts func(context.Context, *auth.Identity) []string

	// RequestID returns the id under which the log has a request.
	RequestID func(context.Context) string
	// Observe adds to the log event of a request.
	Observe func(context.Context, ...slog.Attr)
	// Audit adds to the audit line of a request; nil if there is no audit log.
	Audit func(context.Context, ...slog.Attr)

	Resolvers
}

// Resolvers connect a handler with the schema that it serves.
type Resolvers struct {
	// Types are the types of the whole schema, with the functions that read their fields.
	Types *exec.Types
	// Waiting returns a context in which more is called by what is about to wait for Tableau.
	Waiting func(ctx context.Context, more func()) context.Context
	// Parallel bounds how many objects are resolved at a time, for one field.
	Parallel int
	// Scalars validate the values of custom scalars.
	Scalars map[string]coerce.Scalar
	// Begin prepares the context of an operation before any field is resolved.
	Begin func(context.Context, *Operation) (context.Context, Trace)
	// Public returns what a client may see of an error.
	Public func(context.Context, error) Public
	// Check is asked before a field is resolved that Checked reports, once for all objects: the error
	// is that of each. It runs with the context of the field.
	Check   func(context.Context) error
	Checked func(object, field string) bool
	// Planned receives the plan of an operation before any field is resolved; it may be nil.
	Planned func(context.Context, *exec.Plan)
	// Execute runs operations in place of Types; nil but in tests, where gqlgen's own executor says
	// what the answer is.
	Execute func(context.Context, *ast.Schema, *graphql.OperationContext) []byte
}

// Trace reports what an operation did upstream.
type Trace interface {
	// Extension is sent to clients that ask for extensions.vitrine.calls or timeline.
	Extension() map[string]any
	// LogAttrs are part of the log event of the request.
	LogAttrs() []slog.Attr
}

// Handler serves GraphQL over HTTP. auth.Middleware must run before it: a request without an
// identity is answered with 401, and its body is not read.
type Handler struct{ transport }

// New builds the GraphQL handler.
func New(c Config) *Handler {
	if c.Deadline == 0 {
		c.Deadline = defaultDeadline
	}
	if c.MaxFields == 0 {
		c.MaxFields = defaultMaxFields
	}
	if c.UnderWay == 0 {
		c.UnderWay = defaultUnderWay
	}
	if c.AnswerBytes == 0 {
		c.AnswerBytes = defaultAnswerBytes
	}
	if c.Charged == nil {
		c.Charged = func(context.Context, int) {}
	}
	if c.RequestID == nil {
		c.RequestID = func(context.Context) string { return "" }
	}
	if c.Observe == nil {
		c.Observe = func(context.Context, ...slog.Attr) {}
	}
	return &Handler{transport{&engine{Config: c, gate: newGate(c.UnderWay), bytes: newByteRoom(answersUnderWay * c.AnswerBytes), sending: newSending(answersUnderWay * c.AnswerBytes), bySchema: map[*ast.Schema]*schemaEngine{}}}}
}

// SDL serves the schema as text, as the caller's roles see it.
func (h *Handler) SDL() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		media, _ := problem.MediaType(r.Header.Values("Accept"))
		id, ok := auth.FromContext(r.Context())
		if !ok {
			h.refuseText(w, r, media, http.StatusUnauthorized, problem.CodeUnauthenticated, problem.Text(problem.CodeUnauthenticated))
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			h.refuseText(w, r, media, http.StatusMethodNotAllowed, problem.CodeBadInput, "the schema is read with GET")
			return
		}
		view, refused := h.callerOf(r.Context(), w.Header(), id)
		if refused != nil {
			h.refuse(w, r, media, refused)
			return
		}
		if !view.view.Introspection {
			h.refuseText(w, r, media, http.StatusForbidden, problem.CodeForbidden, "your roles do not let you ask for the schema: the operator has it")
			return
		}
		if _, refused := h.chargePoints(r.Context(), w.Header(), id, sdlPoints(view.view), false); refused != nil {
			h.refuse(w, r, media, refused)
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(view.view.SDLBytes()))
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = view.view.WriteTo(w) // the client may be gone
	})
}

// sdlPoints is what the schema as text costs: by its size.
func sdlPoints(v *policy.View) int { return 1 + v.SDLBytes()/policy.BytesPerPoint }
