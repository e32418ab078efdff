package resolvers

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/internal/policy"
	"vitrine/internal/problem"
	"vitrine/internal/tableau"
)

// extensionCoordinate is the extension of an error that names a member of the schema.
const extensionCoordinate = "coordinate"

// Public codes, as extensions.code has them. design.md lists what each means; auth and sessions bring codes of their own.
const (
	codeParseFailed      = "GRAPHQL_PARSE_FAILED"
	codeValidationFailed = "GRAPHQL_VALIDATION_FAILED"
	codeBadInput         = problem.CodeBadInput
	codeNotPersisted     = "PERSISTED_QUERY_NOT_SUPPORTED"
	codeForbidden        = problem.CodeForbidden
	codeTooCostly        = "QUERY_TOO_COSTLY"
	codeTooMany          = problem.CodeRateLimited
	codeNotFound         = problem.CodeNotFound
	codeSiteUnknown      = "SITE_UNKNOWN"
	codeUserUnknown      = "TABLEAU_USER_UNKNOWN"
	codeTableauForbidden = "TABLEAU_FORBIDDEN"
	codeUnsupported      = "TABLEAU_UNSUPPORTED"
	codeRateLimited      = "TABLEAU_RATE_LIMITED"
	codeUnavailable      = "TABLEAU_UNAVAILABLE"
	codeTableauTimeout   = "TABLEAU_TIMEOUT"
	codeSignInFailed     = "TABLEAU_SIGN_IN_FAILED"
	codeDeadline         = problem.CodeDeadline
	codeInternal         = problem.CodeInternal
)

// inputError is bad user input that was found here.
type inputError string

func (e inputError) Error() string { return string(e) }

// errNotFound is the one answer for what is missing and what is refused: alike, so that nothing can be told from it.
var errNotFound = errors.New(problem.Text(codeNotFound))

// coded is an error that knows its public code and text: internal/sessions has them.
type coded interface {
	error
	Code() string
	Public() string
	RetryAfter() time.Duration
}

// public is what a client sees of an error.
type public struct {
	code, message string
	coordinate    string // of the schema's member that is lacking, for TABLEAU_UNSUPPORTED
	retryAfter    time.Duration
	tableau       *tableau.Error
}

// publicOf is the one table from our errors to public codes and texts. What it does not know is INTERNAL, with a text that says
// nothing; the whole chain goes to the log under the request's id.
func publicOf(ctx context.Context, err error) public {
	var (
		input   inputError
		unasked *tableau.InputError
		large   *tableau.TooLargeError
		limit   *policy.LimitError
		cost    costError
		size    bytesError
		long    plainError
		known   coded
		site    siteError
		answer  *tableau.Error
		lacking lacks
		beyond  *tableau.RangeError
	)
	switch {
	case errors.As(err, &input):
		return public{code: codeBadInput, message: input.Error()}
	case errors.As(err, &unasked):
		return public{code: codeBadInput, message: unasked.Reason}
	case errors.As(err, &limit):
		return public{code: limit.Code, message: limit.Error()}
	case errors.As(err, &lacking):
		return public{code: codeUnsupported, message: lacking.Error(), coordinate: lacking.coordinate}
	case errors.As(err, &large):
		return public{code: codeTooCostly, message: tooLargeText(large)}
	case errors.As(err, &cost):
		return public{code: codeTooCostly, message: cost.Error()}
	case errors.As(err, &size):
		return public{code: codeTooCostly, message: size.Error()}
	case errors.Is(err, errNoRoom):
		return public{code: codeTooMany, message: noRoomText, retryAfter: busyRetry}
	case errors.As(err, &long):
		return public{code: codeTooCostly, message: long.Error()}
	case errors.Is(err, errNotFound):
		return public{code: codeNotFound, message: errNotFound.Error()}
	case errors.As(err, &known):
		return public{code: known.Code(), message: known.Public(), retryAfter: known.RetryAfter()}
	case errors.As(err, &site):
		return public{code: codeSiteUnknown, message: site.Error()}
	case errors.As(err, &beyond):
		return public{code: codeUnavailable, message: beyond.Error()}
	case errors.As(err, &answer):
		return publicOfTableau(ctx, answer)
	case ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return public{code: codeDeadline, message: problem.Text(codeDeadline)}
	default:
		return public{code: codeInternal, message: problem.Text(codeInternal)}
	}
}

var tableauTexts = map[tableau.Kind]public{
	tableau.Refused:     {code: codeTableauForbidden, message: "Tableau does not let you read this"},
	tableau.Missing:     {code: codeNotFound, message: errNotFound.Error()},
	tableau.Unsupported: {code: codeUnsupported, message: "this Tableau server does not offer this: it is too old, or it is switched off"},
	tableau.RateLimited: {code: codeRateLimited, message: "Tableau has too much to do: ask again later"},
	tableau.Unavailable: {code: codeUnavailable, message: "Tableau cannot be reached just now: ask again later"},
	tableau.Malformed:   {code: codeUnavailable, message: "Tableau's answer cannot be read: ask again later, and tell the operator if it stays"},
	tableau.BadRequest:  {code: codeUnsupported, message: "this Tableau server does not take this request: extensions.tableau has its status and code"},
	tableau.TooLong: {code: codeUnavailable, message: "something before Tableau takes no request that is so long: " +
		"ask for less at once, or with fewer and shorter values in filters, and tell the operator if it stays"},
	tableau.Timeout:      {code: codeTableauTimeout, message: "Tableau took too long to answer: ask for less at once, or again later"},
	tableau.SignedOut:    {code: codeUnavailable, message: "Tableau ended every session that this read was given: ask again in a moment"},
	tableau.LoginRefused: {code: codeUnavailable, message: "Tableau ended every session that this read was given: ask again in a moment"},
}

func publicOfTableau(ctx context.Context, e *tableau.Error) public {
	if ctx.Err() != nil {
		return public{code: codeDeadline, message: problem.Text(codeDeadline)}
	}
	p, ok := tableauTexts[e.Kind]
	switch {
	case e.Code == "400065" || e.Code == "400066":
		p = public{code: codeUnsupported, message: "this Tableau server does not filter or order this list that way"}
	case !ok:
		p = public{code: codeInternal, message: problem.Text(codeInternal)}
	}
	if e.Needs != "" {
		p.message = unsupportedText(e)
	}
	p.retryAfter = e.RetryAfter
	if p.code != codeNotFound { // missing and refused must be alike
		p.tableau = e
	}
	return p
}

// unsupportedText says which version has what this server lacks.
func unsupportedText(e *tableau.Error) string {
	span := "REST API " + e.Needs + " or later"
	if e.Until != "" {
		span = "a REST API from " + e.Needs + " to before " + e.Until
	}
	return "this Tableau server does not offer this: it takes " + span + ", and the server has " + e.Has
}

// present is gqlgen's error presenter.
func (r *Resolver) present(ctx context.Context, err error) *gqlerror.Error {
	var already *gqlerror.Error
	if errors.As(err, &already) {
		if argument := below(already.Path, graphql.GetPath(ctx)); argument != "" {
			err = inputError(argument + ": " + already.Message)
		} else if already.Err == nil { // of gqlgen itself: a value that a field may not have
			err = errors.New("gqlgen: " + already.Message)
		}
	}
	p := publicOf(ctx, err)
	if op, ok := ctx.Value(operationKey{}).(*operation); ok {
		op.note(p.code, graphql.GetPath(ctx).String(), err)
	}
	return p.gqlError(graphql.GetPath(ctx), r.RequestID(ctx))
}

// below tells the part of a path that lies below a field, such as filter.createdAt.gt: what gqlgen reports there is a value of an
// argument that its type does not take. Empty for the field itself.
func below(path, field ast.Path) string {
	if len(path) <= len(field) || !slices.Equal(path[:len(field)], field) {
		return ""
	}
	return path[len(field):].String()
}

func (p public) gqlError(path ast.Path, requestID string) *gqlerror.Error {
	e := &gqlerror.Error{Message: p.message, Path: path, Extensions: map[string]any{"code": p.code, "requestId": requestID}}
	if p.coordinate != "" {
		e.Extensions[extensionCoordinate] = p.coordinate
	}
	if p.retryAfter > 0 {
		e.Extensions["retryAfter"] = problem.Seconds(p.retryAfter)
	}
	if p.tableau != nil && p.tableau.Status != 0 {
		answer := map[string]any{"status": p.tableau.Status}
		if p.tableau.Code != "" { // a proxy's page has none
			answer["code"] = p.tableau.Code
		}
		e.Extensions["tableau"] = answer
	}
	return e
}

// found turns what a look-up by id or key gave into the object or NOT_FOUND.
func found[T any](item *T, err error) (*T, error) {
	if tableau.IsKind(err, tableau.Refused) || tableau.IsKind(err, tableau.Missing) || err == nil && item == nil {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	return item, nil
}
