package graphqlhttp

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/auth"
<<<<<<< HEAD
	"vitrine/internal/parallel"
=======
	"vitrine/internal/exec"
>>>>>>> 27e39a9 (exec: execute operations breadth first from a plan)
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
	response := e.execute(ctx, v, prepared)
	if response == nil {
		op.Note(Public{Code: problem.CodeDeadline}, "", context.DeadlineExceeded)
	}
	e.observe(ctx, op, trace)
	if response == nil { // the deadline passed before there was any answer
		return &graphql.Response{Errors: gqlerror.List{e.gqlError(ctx, context.DeadlineExceeded)}}
	}
	prepared.answer.takes(op.errors.bytes) // they are a part of it
	if err := prepared.answer.over(); err != nil {
		prepared.answer.drop()
		return &graphql.Response{Errors: gqlerror.List{e.gqlError(ctx, err)}, Data: []byte("null")}
	}
	response.Errors = op.errors.finish(response.Errors)
	if q.extension("calls") {
		response.Extensions = map[string]any{"vitrine": trace.Extension()}
	}
	return response
}

<<<<<<< HEAD
=======
// execute runs an operation. The response is nil where the deadline had passed before.
func (e *engine) execute(ctx context.Context, v *viewEngine, p *prepared) (response *graphql.Response) {
	if ctx.Err() != nil {
		return nil
	}
	ctx = graphql.WithResponseContext(graphql.WithOperationContext(ctx, p.OperationContext), e.present, Recovered)
	defer func() { // panics of resolvers are recovered where they are called
		if panicked := recover(); panicked != nil {
			graphql.AddError(ctx, Recovered(ctx, panicked))
			response = &graphql.Response{Errors: graphql.GetErrors(ctx), Data: []byte("null")}
		}
	}()
	if e.Execute != nil {
		data := e.Execute(ctx, v.view.Schema, p.OperationContext)
		return &graphql.Response{Errors: graphql.GetErrors(ctx), Data: data}
	}
	plan, err := p.document.plan(e.Types, p.Operation, p.Variables, e.Checked)
	if err != nil {
		graphql.AddError(ctx, err)
		return &graphql.Response{Errors: graphql.GetErrors(ctx), Data: []byte("null")}
	}
	result, err := plan.Run(ctx, exec.Options{
		Schema: v.view.Schema, Check: e.Check, Made: p.answer.made, Take: p.answer.grow, Waiting: e.Waiting, Parallel: e.Parallel,
	})
	if err != nil { // prepared.answer has it
		return &graphql.Response{}
	}
	p.answer.pieces = result.Data
	return &graphql.Response{Errors: graphql.GetErrors(ctx), Data: result.Data[0]}
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

>>>>>>> 27e39a9 (exec: execute operations breadth first from a plan)
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
func Recovered(_ context.Context, p any) error { return parallel.Panic(p) }
