package graphqlhttp

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/auth"
	"vitrine/internal/problem"
)

// run executes a prepared document as the caller.
func (e *engine) run(ctx context.Context, v *viewEngine, id *auth.Identity, prepared *prepared, q *request) *graphql.Response {
	ctx, cancel := context.WithTimeout(ctx, e.Deadline)
	defer cancel()
	op := &Operation{Identity: id, View: v.view, Price: prepared.price, Budget: prepared.budget, prepared: prepared, fields: newFieldBudget(e.MaxFields)}
	op.fields.taken = prepared.price.Schema
	ctx, trace := e.Begin(context.WithValue(ctx, operationKey{}, op), op)
	prepared.answer.ctx = ctx
	respond, inner := v.executor.DispatchOperation(ctx, prepared.OperationContext)
	response := respond(inner)
	if response == nil {
		op.Note(Public{Code: problem.CodeDeadline}, "", context.DeadlineExceeded)
	}
	e.observe(ctx, op, trace)
	if response == nil { // the deadline passed before there was any answer
		return &graphql.Response{Errors: gqlerror.List{e.gqlError(ctx, context.DeadlineExceeded)}}
	}
	if err := prepared.answer.over(); err != nil {
		prepared.answer.drop()
		return &graphql.Response{Errors: gqlerror.List{e.gqlError(ctx, err)}, Data: []byte("null")}
	}
	slices.SortStableFunc(response.Errors, func(a, b *gqlerror.Error) int { // resolvers run in parallel: the order must not depend on that
		return strings.Compare(a.Path.String(), b.Path.String())
	})
	response.Errors = bounded(onePerMember(response.Errors))
	if q.extension("calls") {
		response.Extensions = map[string]any{"vitrine": trace.Extension()}
	}
	return response
}

// onePerMember keeps one error where all items of a list lack the same member of the schema: the
// server's version is the same for all.
func onePerMember(errs gqlerror.List) gqlerror.List {
	first, more := map[string]*gqlerror.Error{}, map[*gqlerror.Error]int{}
	kept := slices.DeleteFunc(errs, func(err *gqlerror.Error) bool {
		if err.Extensions[ExtensionCoordinate] == nil {
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

// maxErrors bounds the errors of one answer: where Tableau is away each of ten thousand items has
// its own.
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

// Recovered turns a panic of a resolver into an error; the log gets what and where, but no value
// that might hold a secret.
func Recovered(_ context.Context, p any) error {
	what := fmt.Sprintf("panic of type %T", p)
	if fault, ok := p.(runtime.Error); ok {
		what += ": " + fault.Error()
	}
	return fmt.Errorf("%s\n%s", what, debug.Stack())
}
