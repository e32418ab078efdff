package resolvers

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/internal/tableau"
)

// failure is one error of a request as the log has it: never a value that was asked for, but perhaps user names.
type failure struct {
	Code    string `json:"code"`
	Path    string `json:"path,omitempty"`    // in the answer, or of a variable
	Reason  string `json:"reason,omitempty"`  // the whole chain
	Tableau string `json:"tableau,omitempty"` // Tableau's number, such as 404002
}

// failures are a list that internal/telemetry finds the level of an event by.
type failures []failure

// Codes are the public codes.
func (f failures) Codes() []string {
	codes := make([]string, len(f))
	for i := range f {
		codes[i] = f[i].Code
	}
	return codes
}

// maxFailures bounds what one request writes of its errors into the log.
const maxFailures = 10

// note keeps an error for the log.
func (op *operation) note(code, path string, err error) {
	f := failure{Code: code, Path: path, Reason: err.Error()}
	var answer *tableau.Error
	if errors.As(err, &answer) {
		f.Tableau = answer.Code
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	if len(op.failures) < maxFailures {
		op.failures = append(op.failures, f)
	}
}

// observe puts what an operation took into the event of its request.
func (e *engine) observe(ctx context.Context, op *operation, prepared *prepared) {
	calls, saved := op.calls.Calls()
	n := 0
	for _, count := range calls {
		n += count
	}
	attrs := []slog.Attr{
		slog.String("operation", shortened(prepared.Operation.Name)), slog.Any("roles", op.view.Roles),
		slog.Int("tableauCalls", n), slog.Int("tableauShared", saved), slog.Int("tableauRetried", op.calls.Retried()),
		slog.Duration("tableauWaited", op.calls.Waited()), slog.Int("cost", prepared.price.Points),
	}
	if len(prepared.over) > 0 {
		attrs = append(attrs, slog.Any("overLimits", prepared.over))
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	if len(op.sites) > 0 {
		attrs = append(attrs, slog.Any("sites", slices.Sorted(slices.Values(op.sites))))
	}
	if len(op.failures) > 0 {
		attrs = append(attrs, slog.Any("errors", slices.Clone(op.failures)))
	}
	e.Observe(ctx, attrs...)
}

// refusedAttr says why a request was not run: each code once at each place.
func refusedAttr(errs gqlerror.List) slog.Attr {
	var refused failures
	for _, err := range errs {
		code, _ := err.Extensions["code"].(string)
		if f := (failure{Code: code, Path: err.Path.String()}); !slices.Contains(refused, f) && len(refused) < maxFailures {
			refused = append(refused, f)
		}
	}
	return slog.Any("refused", refused)
}
