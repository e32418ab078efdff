package graphqlhttp

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/auth"
	"vitrine/internal/budget"
	"vitrine/internal/policy"
	"vitrine/internal/problem"
)

// limitPerPerson is the name of the budget of a person, as settings have it.
const limitPerPerson = "perPerson"

// refusedPoints is what a document that is refused costs its sender: looking at it took time too.
const refusedPoints = 1

// prepared is an operation that may run.
type prepared struct {
	*graphql.OperationContext
	document *document
	price    policy.Price
	over     []string      // limits that it is past and that are only measured
	budget   *budget.State // of the caller; nil where there is none
	room     *reservation
	answer   *answer

	operation *Operation // once it runs
}

// price computes the cost of an operation. The error is one that exceeds limits.cost.
func (e *engine) price(v *viewEngine, doc *document, operation *ast.OperationDefinition, variables map[string]any) (policy.Price, []string, error) {
	price, known := doc.prices[operation]
	if !known {
		price, _ = v.view.Price(operation, variables)
	}
	over := doc.over
	past, err := e.Limits.CheckCost(price.Points)
	if past {
		over = append(slices.Clone(over), policy.LimitCost)
	}
	return price, over, err
}

// charge takes the cost of a request off the budget of its sender, and reports the budget in the
// header. p is nil for one that was refused already.
func (e *engine) charge(ctx context.Context, header http.Header, id *auth.Identity, p *prepared, dry bool) *httpError {
	points := refusedPoints
	if p != nil && !dry {
		points = p.price.Points
	}
	state, refused := e.chargePoints(ctx, header, id, points, p == nil)
	if p != nil && state != nil {
		p.budget = state
		if state.Used > state.Limit && refused == nil {
			p.over = append(slices.Clone(p.over), limitPerPerson)
		}
	}
	return refused
}

// chargePoints takes points off a person's budget, and reports the budget in the header. What is
// past the budget is refused, and then takes nothing; what was done already is charged in any case.
// The state is nil where there is no budget.
func (e *engine) chargePoints(ctx context.Context, header http.Header, id *auth.Identity, points int, done bool) (*budget.State, *httpError) {
	e.Charged(ctx, points)
	if e.Budget == nil {
		return nil, nil
	}
	who := id.Issuer + "\x00" + id.Subject
	var state budget.State
	if done || slices.Contains(e.Limits.Measure, limitPerPerson) {
		state = e.Budget.Charge(ctx, who, points)
	} else {
		state = e.Budget.Take(ctx, who, points)
	}
	writeBudget(header, state)
	if !state.Refused {
		return &state, nil
	}
	text := "you have used up what you may ask for in a minute: ask again later"
	if points > state.Limit {
		text = "this costs more than you may ask for in a minute: ask for less"
	}
	return &state, tooMany(header, http.StatusTooManyRequests, state.In,
		fmt.Sprintf("%s (it costs %d points, %d of %d are left)", text, points, state.Remaining(), state.Limit))
}

// writeBudget reports a budget in the header, draft-ietf-httpapi-ratelimit-headers.
func writeBudget(header http.Header, s budget.State) {
	header.Set("RateLimit-Policy", fmt.Sprintf(`"person";q=%d;w=%d`, s.Limit, int(budget.Window.Seconds())))
	header.Set("RateLimit", fmt.Sprintf(`"person";r=%d;t=%d`, s.Remaining(), problem.Seconds(s.In)))
}

// tooMany refuses a request that may be sent again later.
func tooMany(header http.Header, status int, after time.Duration, text string) *httpError {
	header.Set("Retry-After", strconv.Itoa(problem.Seconds(after)))
	err := gqlerror.Errorf("%s", text)
	err.Extensions = map[string]any{"retryAfter": problem.Seconds(after)}
	return refuse(status, problem.CodeRateLimited, err)
}

// busyRetry is when it may be worth to ask again where there was no room for a large answer.
const busyRetry = 5 * time.Second

const noRoomText = "there is no room for an answer of this size just now: ask for less, or again later"

// schemaWeight is how much more room a field of introspection takes: none of it is given back, and
// all of them are there at once.
const schemaWeight = 4

// admit waits for room among the answers under way, for half the time that the operation has.
func (e *engine) admit(ctx context.Context, header http.Header, p *prepared) *httpError {
	ctx, cancel := context.WithTimeout(ctx, e.Deadline/2)
	defer cancel()
	room, err := e.gate.reserve(ctx, min(p.price.Fields, e.MaxFields)+schemaWeight*p.price.Schema)
	if err == nil {
		p.room = room
		err = p.answer.reserve(ctx, p.price.Values)
	}
	if err != nil {
		p.room.release() // of its fields, where there was no room for its bytes
		return tooMany(header, http.StatusServiceUnavailable, busyRetry, noRoomText)
	}
	return nil
}

// asks says whether the request asks Vitrine for something beside the answer: extensions: {vitrine:
// {calls: true}}.
func (q *request) extension(name string) bool {
	asked, _ := q.Extensions["vitrine"].(map[string]any)
	return asked[name] == true
}

// dryRun answers what a document costs, and runs nothing.
func (e *engine) dryRun(ctx context.Context, v *viewEngine, p *prepared) *graphql.Response {
	m := policy.MeasureOf(p.Doc)
	e.Observe(ctx, slog.String("operation", shortened(p.Operation.Name)), slog.Any("roles", v.view.Roles), slog.Bool("dryRun", true), slog.Int("cost", p.price.Points))
	answer := map[string]any{
		"dryRun": true, "cost": p.price.Points, "answerFields": p.price.Fields, "answerBytes": p.price.Bytes + p.price.Values,
		"depth": m.Depth, "fields": m.Fields, "rootFields": m.RootFields, "aliases": m.Aliases, "directives": m.Directives,
		"limits": map[string]any{
			"cost": e.Limits.Of(policy.LimitCost), "depth": e.Limits.Of(policy.LimitDepth), "fields": e.Limits.Of(policy.LimitFields),
			"rootFields": e.Limits.Of(policy.LimitRootFields), "aliases": e.Limits.Of(policy.LimitAliases),
			"directives": e.Limits.Of(policy.LimitDirectives),
		},
	}
	return &graphql.Response{Data: []byte("null"), Extensions: map[string]any{"vitrine": answer}}
}
