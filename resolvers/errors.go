package resolvers

import (
	"context"
	"errors"
	"time"

	"vitrine/internal/graphqlhttp"
	"vitrine/internal/policy"
	"vitrine/internal/problem"
	"vitrine/internal/tableau"
)

// Public codes, as extensions.code has them. design.md lists what each means; auth and sessions
// bring codes of their own.
const (
	codeBadInput         = problem.CodeBadInput
	codeTooCostly        = problem.CodeTooCostly
	codeNotFound         = problem.CodeNotFound
	codeSiteUnknown      = "SITE_UNKNOWN"
	codeUserUnknown      = "TABLEAU_USER_UNKNOWN"
	codeTableauForbidden = "TABLEAU_FORBIDDEN"
	codeUnsupported      = "TABLEAU_UNSUPPORTED"
	codeRateLimited      = "TABLEAU_RATE_LIMITED"
	codeUnavailable      = "TABLEAU_UNAVAILABLE"
	codeTableauTimeout   = "TABLEAU_TIMEOUT"
	codeSignInFailed     = "TABLEAU_SIGN_IN_FAILED"
	codePartial          = "TABLEAU_PARTIAL"
	codeDeadline         = problem.CodeDeadline
	codeInternal         = problem.CodeInternal
)

// errNotFound is the one answer for what is missing and what is refused: alike, so that the answer
// reveals nothing.
var errNotFound = errors.New(problem.Text(codeNotFound))

// coded is an error that knows its public code and text: internal/sessions has them.
type coded interface {
	error
	Code() string
	Public() string
	RetryAfter() time.Duration
}

// publicOf is the one table from our errors to public codes and texts. What it does not know is
// INTERNAL, with a text that says nothing; the whole chain goes to the log under the request's id.
func publicOf(ctx context.Context, err error) graphqlhttp.Public {
	p := codeOf(ctx, err)
	var answer *tableau.Error
	if errors.As(err, &answer) { // also where the code says no more of it
		p.Upstream = answer.Code
	}
	return p
}

// codeOf is publicOf without the upstream code.
func codeOf(ctx context.Context, err error) graphqlhttp.Public {
	var (
		input   graphqlhttp.InputError
		unasked *tableau.InputError
		large   *tableau.TooLargeError
		limit   *policy.LimitError
		known   coded
		site    siteError
		answer  *tableau.Error
		lacking unsupportedError
		beyond  *tableau.RangeError
	)
	switch {
	case errors.As(err, &input):
		return graphqlhttp.Public{Code: codeBadInput, Message: input.Error()}
	case errors.As(err, &unasked):
		return graphqlhttp.Public{Code: codeBadInput, Message: unasked.Reason}
	case errors.As(err, &limit):
		return graphqlhttp.Public{Code: limit.Code, Message: limit.Error()}
	case errors.As(err, &lacking):
		return graphqlhttp.Public{Code: codeUnsupported, Message: lacking.Error(), Extensions: map[string]any{graphqlhttp.ExtensionCoordinate: lacking.coordinate}}
	case errors.As(err, &large):
		return graphqlhttp.Public{Code: codeTooCostly, Message: tooLargeText(large)}
	case errors.Is(err, errNotFound):
		return graphqlhttp.Public{Code: codeNotFound, Message: errNotFound.Error()}
	case errors.As(err, &known):
		return graphqlhttp.Public{Code: known.Code(), Message: known.Public(), RetryAfter: known.RetryAfter()}
	case errors.As(err, &site):
		return graphqlhttp.Public{Code: codeSiteUnknown, Message: site.Error()}
	case errors.As(err, &beyond):
		return graphqlhttp.Public{Code: codeUnavailable, Message: beyond.Error()}
	case errors.As(err, &answer):
		return publicOfTableau(ctx, answer)
	case ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return graphqlhttp.Public{Code: codeDeadline, Message: problem.Text(codeDeadline)}
	default:
		return graphqlhttp.Public{Code: codeInternal, Message: problem.Text(codeInternal)}
	}
}

var tableauTexts = map[tableau.Kind]graphqlhttp.Public{
	tableau.Refused:     {Code: codeTableauForbidden, Message: "Tableau does not let you read this"},
	tableau.Missing:     {Code: codeNotFound, Message: errNotFound.Error()},
	tableau.Unsupported: {Code: codeUnsupported, Message: "this Tableau server does not offer this: it is too old, or it is switched off"},
	tableau.RateLimited: {Code: codeRateLimited, Message: "Tableau has too much to do: ask again later"},
	tableau.Unavailable: {Code: codeUnavailable, Message: "Tableau cannot be reached just now: ask again later"},
	tableau.Malformed:   {Code: codeUnavailable, Message: "Tableau's answer cannot be read: ask again later, and tell the operator if it stays"},
	tableau.BadRequest:  {Code: codeUnsupported, Message: "this Tableau server does not take this request: extensions.tableau has its status and code"},
	tableau.TooLong: {Code: codeUnavailable, Message: "something before Tableau takes no request that is so long: " +
		"ask for less at once, or with fewer and shorter values in filters, and tell the operator if it stays"},
	tableau.Timeout:      {Code: codeTableauTimeout, Message: "Tableau took too long to answer: ask for less at once, or again later"},
	tableau.SignedOut:    {Code: codeUnavailable, Message: "Tableau ended every session that this read was given: ask again in a moment"},
	tableau.LoginRefused: {Code: codeUnavailable, Message: "Tableau ended every session that this read was given: ask again in a moment"},
}

func publicOfTableau(ctx context.Context, e *tableau.Error) graphqlhttp.Public {
	if ctx.Err() != nil {
		return graphqlhttp.Public{Code: codeDeadline, Message: problem.Text(codeDeadline)}
	}
	p, ok := tableauTexts[e.Kind]
	switch {
	case e.Code == "400065" || e.Code == "400066":
		p = graphqlhttp.Public{Code: codeUnsupported, Message: "this Tableau server does not filter or order this list that way"}
	case e.IsQuota():
		p = graphqlhttp.Public{Code: codeRateLimited, Message: "the people of this site have used up the queries to data that Tableau allows in an hour: ask again later"}
	case !ok:
		p = graphqlhttp.Public{Code: codeInternal, Message: problem.Text(codeInternal)}
	}
	if e.Needs != "" {
		p.Message = unsupportedText(e)
	}
	p.RetryAfter = e.RetryAfter
	if p.Code != codeNotFound { // missing and refused must be alike
		p.Extensions = tableauExtension(e)
	}
	return p
}

// unsupportedText says which version has what this server lacks.
func unsupportedText(e *tableau.Error) string {
	versions := "REST API " + e.Needs + " or later"
	if e.Until != "" {
		versions = "a REST API from " + e.Needs + " to before " + e.Until
	}
	return "this Tableau server does not offer this: it takes " + versions + ", and the server has " + e.Has
}

// tableauExtension returns the extension with Tableau's own status and code; nil where there was no
// answer.
func tableauExtension(e *tableau.Error) map[string]any {
	if e.Status == 0 {
		return nil
	}
	answer := map[string]any{"status": e.Status}
	if e.Code != "" { // a proxy's page has none
		answer["code"] = e.Code
	}
	return map[string]any{"tableau": answer}
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
