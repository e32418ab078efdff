package graphqlhttp

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/auth"
	"vitrine/internal/exec"
	"vitrine/internal/parallel"
	"vitrine/internal/problem"
)

// run executes a prepared document as the caller.
func (e *engine) run(ctx context.Context, v *viewEngine, id *auth.Identity, prepared *prepared, q *request) *graphql.Response {
	ctx, cancel := context.WithTimeout(ctx, e.Deadline)
	defer cancel()
	op := &Operation{Identity: id, View: v.view, Price: prepared.price, Budget: prepared.budget, prepared: prepared, fields: newFieldBudget(e.MaxFields)}
	op.Timeline = q.extension("timeline")
	op.fields.taken, prepared.operation = prepared.price.Schema, op
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
	_ = prepared.answer.grow(op.errors.bytes) // they are a part of it; over reports the error
	if err := prepared.answer.over(); err != nil {
		prepared.answer.drop()
		return &graphql.Response{Errors: gqlerror.List{e.gqlError(ctx, err)}, Data: []byte("null")}
	}
	response.Errors = op.errors.finish(response.Errors)
	if q.extension("calls") || op.Timeline {
		response.Extensions = map[string]any{"vitrine": op.withCost(trace.Extension())}
	}
	return response
}

// withCost adds what the document cost, and the caller's budget after it, as the field rateLimit of
// Query has them.
func (op *Operation) withCost(extension map[string]any) map[string]any {
	extension["cost"] = op.Price.Points
	if s := op.Budget; s != nil {
		extension["rateLimit"] = map[string]any{
			"limit": s.Limit, "remaining": s.Remaining(), "used": s.Used, "resetAt": s.Reset.UTC().Format(time.RFC3339),
		}
	}
	return extension
}

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
	plan, more, err := p.document.plan(e.Types, p.Operation, p.Variables, e.Checked)
	if more > 0 {
		e.count(v.documents.grow(more))
	}
	if err != nil {
		graphql.AddError(ctx, err)
		return &graphql.Response{Errors: graphql.GetErrors(ctx), Data: []byte("null")}
	}
	if e.Planned != nil {
		e.Planned(ctx, plan)
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
