package resolvers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"vitrine/auth"
	"vitrine/graph"
	"vitrine/internal/policy"
	"vitrine/internal/problem"
	"vitrine/internal/tableau"
)

// Defaults of Config.
const (
	defaultDeadline = time.Minute
	defaultParallel = 8
)

// Handler answers GraphQL over HTTP. It stands behind auth: a request without an identity is answered with 401 and read no further.
type Handler struct{ transport }

// New builds the GraphQL handler.
func New(c Config) *Handler {
	if c.Deadline == 0 {
		c.Deadline = defaultDeadline
	}
	if c.Parallel == 0 {
		c.Parallel = defaultParallel
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
	return &Handler{transport{&engine{Resolver: &Resolver{c}, gate: newGate(c.UnderWay), bytes: newByteRoom(answersUnderWay * c.AnswerBytes), bySchema: map[*ast.Schema]*schemaEngine{}}}}
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
			h.refuseText(w, r, media, http.StatusMethodNotAllowed, codeBadInput, "the schema is read with GET")
			return
		}
		view, refused := h.viewOf(r.Context(), w.Header(), id)
		if refused != nil {
			h.refuse(w, r, media, refused)
			return
		}
		if !view.view.Introspection {
			h.refuseText(w, r, media, http.StatusForbidden, codeForbidden, "your roles do not let you ask for the schema: the operator has it")
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

// Schema is the whole contract, with its directives: what policy is made of.
func Schema() *ast.Schema {
	return graph.NewExecutableSchema(graph.Config{Resolvers: &Resolver{}}).Schema()
}

// WholeSDL is the whole contract as text, as an operator who writes roles wants to read it: with areas and REST methods.
func WholeSDL() string {
	return policy.WholeSDL(Schema())
}

// refusal is a request that was not run.
type refusal struct {
	status int
	errs   gqlerror.List
}

// prepare takes a document as far as execution: limits first, each counted once, then parsing, then validation against the schema
// that the caller sees. Nothing of gqlgen's walks a document that has not passed.
func (e *engine) prepare(v *viewEngine, q *question) (*prepared, *refusal) {
	doc, refused := e.document(v, q.Query)
	if refused != nil {
		return nil, refused
	}
	operation, err := operationOf(doc.QueryDocument, q.OperationName)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, codeValidationFailed, gqlerror.Errorf("%s", err.Error()))
	}
	if refused := e.affordable(operation); refused != nil {
		return nil, refused
	}
	variables, errs := v.coercer().Variables(operation, q.Variables)
	if len(errs) > 0 {
		return nil, refuse(http.StatusBadRequest, codeValidationFailed, v.view.Quiet(errs)...)
	}
	price, over, err := e.price(v, doc, operation, variables)
	if err != nil && !q.asks("dryRun") {
		return nil, refuseLimit(err)
	}
	if refused := e.schemaFits(price); refused != nil && !q.asks("dryRun") {
		return nil, refused
	}
	resolve := func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) }
	if doc.versioned {
		resolve = e.onServersVersion
	}
	now := time.Now()
	collected := &answer{most: e.AnswerBytes, room: e.bytes}
	return &prepared{price: price, over: over, answer: collected, OperationContext: &graphql.OperationContext{
		RawQuery: q.Query, Variables: variables, OperationName: q.OperationName, Doc: doc.QueryDocument, Operation: operation,
		DisableIntrospection:   !v.view.Introspection,
		RecoverFunc:            recovered,
		ResolverMiddleware:     collected.counting(resolve),
		RootResolverMiddleware: collected.root,
		Stats:                  graphql.Stats{OperationStart: now},
	}}, nil
}

func (e *engine) document(v *viewEngine, query string) (*document, *refusal) {
	if doc := v.documents.get(query); doc != nil {
		return doc, nil
	}
	over, err := e.Limits.CheckSource(query)
	if err != nil {
		return nil, refuseLimit(err)
	}
	if hasLoneSurrogate(query) {
		return nil, refuse(http.StatusBadRequest, codeParseFailed, gqlerror.Errorf("%s", errSurrogate))
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		return nil, refuse(http.StatusBadRequest, codeParseFailed, asGQLError(err))
	}
	counted, err := e.Limits.CheckDocument(doc)
	if err != nil {
		return nil, refuseLimit(err)
	}
	if len(doc.Operations) == 0 {
		return nil, refuse(http.StatusBadRequest, codeValidationFailed, gqlerror.Errorf("the document has no operation"))
	}
	if refused := namesFit(doc); refused != nil {
		return nil, refused
	}
	if errs := v.view.Validate(doc); len(errs) > 0 {
		return nil, refuse(http.StatusBadRequest, codeValidationFailed, errs...)
	}
	if errs := v.coercer().Document(doc); len(errs) > 0 {
		return nil, refuse(http.StatusBadRequest, codeValidationFailed, v.view.Quiet(errs)...)
	}
	priced := pricedDocument(v.view, doc, append(over, counted...))
	e.keep(v, query, priced)
	return priced, nil
}

func operationOf(doc *ast.QueryDocument, name string) (*ast.OperationDefinition, error) {
	if name == "" && len(doc.Operations) > 1 {
		return nil, errors.New("the document has several operations: name one in operationName")
	}
	if operation := doc.Operations.ForName(name); operation != nil {
		return operation, nil
	}
	return nil, errors.New("the document has no operation of the name in operationName")
}

func refuse(status int, code string, errs ...*gqlerror.Error) *refusal {
	for _, err := range policy.CapErrors(errs) {
		err.Path = shortPath(err.Path)
		if err.Extensions == nil {
			err.Extensions = map[string]any{}
		}
		err.Extensions["code"] = code
	}
	return &refusal{status, errs}
}

func refuseLimit(err error) *refusal {
	var limit *policy.LimitError
	if !errors.As(err, &limit) {
		return refuse(http.StatusBadRequest, codeParseFailed, asGQLError(err))
	}
	status := http.StatusBadRequest
	if limit.Code == policy.CodeTooLarge {
		status = http.StatusRequestEntityTooLarge
	}
	return refuse(status, limit.Code, gqlerror.Errorf("%s", limit.Error()))
}

func asGQLError(err error) *gqlerror.Error {
	var g *gqlerror.Error
	if errors.As(err, &g) {
		return g
	}
	return gqlerror.Errorf("%s", err.Error())
}

// run executes a prepared document as the caller.
func (e *engine) run(ctx context.Context, v *viewEngine, id *auth.Identity, prepared *prepared, q *question) *graphql.Response {
	ctx, cancel := context.WithTimeout(ctx, e.Deadline)
	defer cancel()
	op := &operation{
		identity: id, view: v.view, admitted: prepared, calls: tableau.NewOperation(e.Parallel), budget: newBudget(e.MaxFields), sessions: map[string]*tableau.Session{},
	}
	op.budget.taken = prepared.price.Schema
	ctx = tableau.WithOperation(context.WithValue(ctx, operationKey{}, op), op.calls)
	prepared.answer.ctx = ctx
	respond, inner := v.executor.DispatchOperation(ctx, prepared.OperationContext)
	response := respond(inner)
	if response == nil {
		op.note(codeDeadline, "", context.DeadlineExceeded)
	}
	e.observe(ctx, op, prepared)
	if response == nil { // the time was over before anything could be answered
		p := publicOf(ctx, context.DeadlineExceeded)
		return &graphql.Response{Errors: gqlerror.List{p.gqlError(nil, e.RequestID(ctx))}}
	}
	if err := prepared.answer.over(); err != nil {
		prepared.answer.drop()
		p := publicOf(ctx, err)
		return &graphql.Response{Errors: gqlerror.List{p.gqlError(nil, e.RequestID(ctx))}, Data: []byte("null")}
	}
	slices.SortStableFunc(response.Errors, func(a, b *gqlerror.Error) int { // resolvers run side by side: answers should not differ by that
		return strings.Compare(a.Path.String(), b.Path.String())
	})
	response.Errors = bounded(onePerMember(response.Errors))
	if q.asks("calls") {
		response.Extensions = map[string]any{"vitrine": op.price()}
	}
	return response
}

// price is what an operation took: path templates, never values.
func (op *operation) price() map[string]any {
	calls, saved := op.calls.Calls()
	price := map[string]any{"calls": calls, "shared": saved, "waitedMs": op.calls.Waited().Milliseconds()}
	if n := op.calls.Retried(); n > 0 {
		price["retried"] = n
	}
	return price
}

// onePerMember keeps one error where all items of a list lack the same member of the schema: the server's version is the same for all.
func onePerMember(errs gqlerror.List) gqlerror.List {
	first, more := map[string]*gqlerror.Error{}, map[*gqlerror.Error]int{}
	kept := slices.DeleteFunc(errs, func(err *gqlerror.Error) bool {
		if err.Extensions[extensionCoordinate] == nil {
			return false
		}
		place := placeOf(err.Path)
		if first[place] == nil {
			first[place] = err
			return false
		}
		more[first[place]]++
		return true
	})
	for err, n := range more {
		err.Message += fmt.Sprintf(" (and %d more items)", n)
	}
	return kept
}

// placeOf is a path without the places in lists.
func placeOf(path ast.Path) string {
	var b strings.Builder
	for _, element := range path {
		if name, ok := element.(ast.PathName); ok {
			b.WriteString("." + string(name))
		}
	}
	return b.String()
}

// maxErrors bounds the errors of one answer: where Tableau is away each of ten thousand items has its own.
const maxErrors = 1000

// bounded keeps the first errors, of which the last says how many more there were.
func bounded(errs gqlerror.List) gqlerror.List {
	if len(errs) <= maxErrors {
		return errs
	}
	last := *errs[maxErrors-1]
	last.Message += fmt.Sprintf(" (and %d more errors after this one)", len(errs)-maxErrors)
	errs[maxErrors-1] = &last
	return errs[:maxErrors]
}

// shortened keeps what callers choose short in the log.
func shortened(s string) string {
	const most = 80
	if len(s) > most {
		return s[:most]
	}
	return s
}

// recovered turns a panic of a resolver into an error; the log gets what and where, but no value that might hold a secret.
func recovered(_ context.Context, p any) error {
	what := fmt.Sprintf("panic of type %T", p)
	if fault, ok := p.(runtime.Error); ok {
		what += ": " + fault.Error()
	}
	return fmt.Errorf("%s\n%s", what, debug.Stack())
}

// sideBySide runs n pieces of work in goroutines of their own. gqlgen recovers panics in its own alone: one in ours would end the
// process, so it becomes the error of its piece.
func sideBySide(ctx context.Context, n int, work func(i int) error) []error {
	failed := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					failed[i] = recovered(ctx, p)
				}
			}()
			failed[i] = work(i)
		})
	}
	wg.Wait()
	return failed
}
