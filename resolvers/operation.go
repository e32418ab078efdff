package resolvers

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"vitrine/internal/content"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

// operation is what one GraphQL operation carries beside its document.
type operation struct {
	*graphqlhttp.Operation
	calls *tableau.Operation

	mu       sync.Mutex
	sessions map[string]*tableau.Session
	linker   *content.Linker // nil until a content link is made
	sites    []string        // content URLs of the sites that were read

	embedToken bool          // one was asked for
	gaps       []tableau.Gap // that the answer names
}

type operationKey struct{}

// operationFrom returns the operation. [Resolver.begin] adds it before any field is resolved.
func operationFrom(ctx context.Context) *operation {
	return ctx.Value(operationKey{}).(*operation)
}

// begin implements Begin of [graphqlhttp.Resolvers].
func (r *Resolver) begin(ctx context.Context, o *graphqlhttp.Operation) (context.Context, graphqlhttp.Trace) {
	op := &operation{Operation: o, calls: tableau.NewOperation(r.Parallel), sessions: map[string]*tableau.Session{}}
	if o.Timeline {
		op.calls.RecordTimeline()
	}
	return tableau.WithOperation(context.WithValue(ctx, operationKey{}, op), op.calls), op
}

// Extension implements [graphqlhttp.Trace]: path templates, never values.
func (op *operation) Extension() map[string]any {
	calls, saved := op.calls.Calls()
	extension := map[string]any{"calls": calls, "shared": saved, "waitedMs": op.calls.Waited().Milliseconds()}
	if n := op.calls.Retried(); n > 0 {
		extension["retried"] = n
	}
	if op.Timeline {
		extension["timeline"] = timelineOf(op.calls)
	}
	return extension
}

// timedCall is a call as clients see it. Times are milliseconds with one decimal.
type timedCall struct {
	Call       string  `json:"call"`
	StartMs    float64 `json:"startMs"`
	WaitMs     float64 `json:"waitMs"`
	DurationMs float64 `json:"durationMs"`
	Retried    bool    `json:"retried,omitempty"`
	Shared     bool    `json:"shared,omitempty"`
	Failed     bool    `json:"failed,omitempty"`
}

// timelineOf returns the calls of an operation, in the order in which they were asked for.
func timelineOf(o *tableau.Operation) []timedCall {
	calls := []timedCall{}
	for _, c := range o.Timeline() {
		calls = append(calls, timedCall{
			Call: c.Name, StartMs: milliseconds(c.Start), WaitMs: milliseconds(c.Wait), DurationMs: milliseconds(c.Duration),
			Retried: c.Retried, Shared: c.Shared, Failed: c.Failed,
		})
	}
	slices.SortStableFunc(calls, func(a, b timedCall) int { return cmp.Compare(a.StartMs, b.StartMs) })
	return calls
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(100*time.Microsecond).Microseconds()) / 1000
}

// LogAttrs implements [graphqlhttp.Trace].
func (op *operation) LogAttrs() []slog.Attr {
	calls, saved := op.calls.Calls()
	n := 0
	for _, count := range calls {
		n += count
	}
	attrs := []slog.Attr{
		slog.Int("tableauCalls", n), slog.Int("tableauShared", saved), slog.Int("tableauRetried", op.calls.Retried()),
		slog.Duration("tableauWaited", op.calls.Waited()),
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	if len(op.sites) > 0 {
		attrs = append(attrs, slog.Any("sites", slices.Sorted(slices.Values(op.sites))))
	}
	return attrs
}
