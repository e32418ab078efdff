package graphqlhttp

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/auth"
	"vitrine/internal/parallel"
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
