package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"vitrine/auth"
	"vitrine/internal/budget"
	"vitrine/internal/config"
	"vitrine/internal/edge"
	"vitrine/internal/policy"
	"vitrine/internal/problem"
	"vitrine/internal/telemetry"
	"vitrine/resolvers"
)

// documentLimits are the bounds of one document.
func documentLimits(l *config.Limits) policy.Limits {
	return policy.Limits{
		DocumentBytes: l.DocumentBytes, Tokens: l.Tokens, Depth: l.Depth, Aliases: l.Aliases, RootFields: l.RootFields,
		Fields: l.Fields, Comparisons: l.Comparisons, Directives: l.Directives, Introspection: l.Introspection,
		Cost: l.Cost, Measure: l.Measure,
	}
}

// budgets makes what the settings bound by the minute. Replicas that share a store count together.
// A bound that a reload leaves as it was goes on counting.
func (a *App) budgets(before *App) {
	l := &a.Settings.Limits
	var shared budget.Counter
	if a.Broker.HasSharedStore() {
		shared = a.Broker
	}
	var old config.Limits
	if before != nil {
		old = before.Settings.Limits
		a.perPlace, a.perPerson, a.dataQueries = before.perPlace, before.perPerson, before.dataQueries
	}
	if l.PerAddress != old.PerAddress {
		a.perPlace = unlessZero(l.PerAddress, func(n int) *budget.Budget { return budget.New("address", n, shared, nil) })
	}
	if l.PerPerson != old.PerPerson {
		a.perPerson = unlessZero(l.PerPerson, func(n int) *budget.Budget { return budget.New("person", n, shared, nil) })
	}
	if l.DataQueries != old.DataQueries {
		a.dataQueries = unlessZero(l.DataQueries, func(n int) *budget.Budget { return budget.NewHourly("data query", n, shared, nil) })
	}
}

// unlessZero makes a budget; nil for a limit of zero: no limit.
func unlessZero(n int, budgetOf func(int) *budget.Budget) *budget.Budget {
	if n == 0 {
		return nil
	}
	return budgetOf(n)
}

// takeDataQueries takes queries to data off the caller's hourly budget on a site.
func (a *App) takeDataQueries(ctx context.Context, id *auth.Identity, site string, n int) (resolvers.DataQueryQuota, bool) {
	if a.dataQueries == nil {
		return resolvers.DataQueryQuota{}, false
	}
	who := fmt.Sprintf("%q", []string{id.Issuer, id.Subject, site})
	s := a.dataQueries.Take(ctx, who, n)
	return resolvers.DataQueryQuota{Limit: s.Limit, Used: s.Used, Reset: s.Reset, In: s.In, Refused: s.Refused}, true
}

// refusedSignIn is what a token that is refused costs the address that sent it, in points: as much
// as a call to Tableau.
const refusedSignIn = 10

// chargingRefusals charges refused tokens to the address that sends them.
func (a *App) chargingRefusals(c auth.Config) auth.Config {
	next := c.Refused
	c.Refused = func(ctx context.Context, e *auth.Error) {
		next(ctx, e)
		a.chargeAddress(ctx, refusedSignIn)
	}
	return c
}

// fetchedContent is what a content link costs the address that fetches it, in points: it is a call
// to Tableau, or a guess.
const fetchedContent = 10

// chargingFetches has content links charged to the address that fetches them, whatever comes of it:
// before it is asked for, so that many side by side are bounded too.
func (a *App) chargingFetches(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.chargeAddress(r.Context(), fetchedContent)
		next.ServeHTTP(w, r)
	})
}

// chargeAddress charges a request to the address that it comes from.
func (a *App) chargeAddress(ctx context.Context, points int) {
	if a.perPlace != nil {
		a.perPlace.Charge(ctx, edge.ClientNetwork(ctx).String(), points)
	}
}

// withinBudget refuses requests of an address that has used up its budget, before anything of them
// is looked at: a token too.
func (a *App) withinBudget(next http.Handler) http.Handler {
	if a.perPlace == nil {
		return next
	}
	measured := slices.Contains(a.Settings.Limits.Measure, "perAddress")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := a.perPlace.Look(r.Context(), edge.ClientNetwork(r.Context()).String())
		switch {
		case s.Refused && measured:
			telemetry.Add(r.Context(), slog.Any("overLimits", []string{"perAddress"}))
		case s.Refused:
			refuseAddress(w, r, s)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuseAddress answers 429.
func refuseAddress(w http.ResponseWriter, r *http.Request, s budget.State) {
	note(r.Context(), slog.String("refused", problem.CodeRateLimited), slog.String("reason", "the address has used up limits.perAddress"))
	problem.Write(w, r, problem.Error{
		Status: http.StatusTooManyRequests, Code: problem.CodeRateLimited, RetryAfter: s.In,
		Message: "too much was asked for from your address: ask again later",
	})
}
