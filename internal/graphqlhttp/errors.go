package graphqlhttp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/internal/problem"
)

// ExtensionCoordinate is the extension of an error that names a member of the schema.
const ExtensionCoordinate = "coordinate"

// InputError is a value of the client that cannot be used.
type InputError string

func (e InputError) Error() string { return string(e) }

// LimitError is an answer that is too large, or too large at the moment.
type LimitError struct {
	code, message string
	retryAfter    time.Duration
}

func (e *LimitError) Error() string { return e.message }

// Code is the public code.
func (e *LimitError) Code() string { return e.code }

// Public is the message for clients.
func (e *LimitError) Public() string { return e.message }

// RetryAfter is when the answer may be possible; 0 where it never is.
func (e *LimitError) RetryAfter() time.Duration { return e.retryAfter }

// TooCostly is an answer that is larger than a limit allows.
func TooCostly(format string, args ...any) *LimitError {
	return &LimitError{code: problem.CodeTooCostly, message: fmt.Sprintf(format, args...)}
}

func tooManyFields(most int) *LimitError {
	return TooCostly("the answer would have more than %d fields: ask for fewer items (first), for fewer fields, or nest less", most)
}

func tooManyBytes(most int) *LimitError {
	return TooCostly("the answer would have more than %d bytes (limits.answerBytes): ask for fewer items (first), or for large values once "+
		"and not under several aliases", most)
}

// errNoRoom is the error where there is no memory for the bytes of an answer.
var errNoRoom = &LimitError{code: problem.CodeRateLimited, message: noRoomText, retryAfter: busyRetry}

// Public is what a client sees of an error.
type Public struct {
	Code, Message string
	RetryAfter    time.Duration
	Extensions    map[string]any // beside code, requestId and retryAfter
	Upstream      string         // the code of the server behind this one, for the log
}

// present is gqlgen's error presenter. It returns nil for an error that is only counted.
func (e *engine) present(ctx context.Context, err error) *gqlerror.Error {
	op := OperationFrom(ctx)
	if op != nil && !op.errors.wants(ctx) {
		return nil
	}
	var already *gqlerror.Error
	if errors.As(err, &already) {
		if argument := below(already.Path, graphql.GetPath(ctx)); argument != "" {
			err = InputError(argument + ": " + already.Message)
		} else if already.Err == nil { // of gqlgen itself: a value that a field may not have
			err = errors.New("gqlgen: " + already.Message)
		}
	}
	p := e.Public(ctx, err)
	presented := p.gqlError(graphql.GetPath(ctx), e.RequestID(ctx))
	if op != nil {
		if !op.errors.keeps(ctx, presented) {
			return nil
		}
		op.Note(p, presented.Path.String(), err)
	}
	return presented
}

// gqlError returns an error of the whole operation.
func (e *engine) gqlError(ctx context.Context, err error) *gqlerror.Error {
	return e.Public(ctx, err).gqlError(nil, e.RequestID(ctx))
}

// below returns the part of a path below a field, such as filter.createdAt.gt: what gqlgen reports
// there is a value of an argument that its type does not take. It returns "" for the field itself.
func below(path, field ast.Path) string {
	if len(path) <= len(field) || !slices.Equal(path[:len(field)], field) {
		return ""
	}
	return path[len(field):].String()
}

func (p Public) gqlError(path ast.Path, requestID string) *gqlerror.Error {
	e := &gqlerror.Error{Message: p.Message, Path: path, Extensions: map[string]any{"code": p.Code, "requestId": requestID}}
	for name, value := range p.Extensions {
		e.Extensions[name] = value
	}
	if p.RetryAfter > 0 {
		e.Extensions["retryAfter"] = problem.Seconds(p.RetryAfter)
	}
	return e
}
