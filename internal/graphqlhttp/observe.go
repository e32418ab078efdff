package graphqlhttp

import (
	"context"
	"log/slog"
	"slices"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// failure is one error of a request as the log has it: never a value that was asked for, but
// perhaps user names.
type failure struct {
	Code     string `json:"code"`
	Path     string `json:"path,omitempty"`    // in the answer, or of a variable
	Reason   string `json:"reason,omitempty"`  // the whole chain
	Upstream string `json:"tableau,omitempty"` // the code of the server behind this one, such as 404002
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

// Note keeps an error for the log.
func (op *Operation) Note(p Public, path string, err error) {
	op.mu.Lock()
	defer op.mu.Unlock()
	if len(op.failures) < maxFailures {
		op.failures = append(op.failures, failure{Code: p.Code, Path: path, Reason: err.Error(), Upstream: p.Upstream})
	}
}

// observe adds what an operation took to the log event of its request.
func (e *engine) observe(ctx context.Context, op *Operation, trace Trace) {
	attrs := []slog.Attr{slog.String("operation", shortened(op.prepared.Operation.Name)), slog.Any("roles", op.View.Roles)}
	attrs = append(append(attrs, trace.LogAttrs()...), slog.Int("cost", op.Price.Points))
	if len(op.prepared.over) > 0 {
		attrs = append(attrs, slog.Any("overLimits", op.prepared.over))
	}
	op.mu.Lock()
	defer op.mu.Unlock()
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
