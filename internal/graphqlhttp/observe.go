package graphqlhttp

import (
	"context"
	"log/slog"
	"slices"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/internal/documents"
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
	if i := slices.IndexFunc(attrs, func(a slog.Attr) bool { return a.Key == "sites" }); i >= 0 {
		op.sites = attrs[i]
	}
	if len(op.prepared.over) > 0 {
		attrs = append(attrs, slog.Any("overLimits", op.prepared.over))
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	if len(op.failures) > 0 {
		attrs = append(attrs, slog.Any("errors", slices.Clone(op.failures)))
	}
	e.Observe(ctx, attrs...)
	e.auditOperation(ctx, op, trace)
}

// auditOperation adds what the audit line has besides the log event. The caller holds op.mu.
func (e *engine) auditOperation(ctx context.Context, op *Operation, trace Trace) {
	if e.Audit == nil {
		return
	}
	e.Audit(ctx, slog.Any("calls", trace.Extension()["calls"]))
	if len(op.embedTokens) > 0 {
		e.Audit(ctx, slog.Any("embedTokens", slices.Clone(op.embedTokens)))
	}
}

// auditDocument adds which document was sent, or named, and the roles that it was checked with.
func (e *engine) auditDocument(ctx context.Context, v *viewEngine, q *request) {
	if e.Audit == nil {
		return
	}
	e.Audit(ctx, slog.Any("roles", v.view.Roles))
	if q.Query != "" {
		e.Audit(ctx, slog.String("documentHash", "sha256:"+documents.Hash(q.Query)))
	}
}

// maxEmbedTokens bounds the fields that one audit line names.
const maxEmbedTokens = 100

// GaveEmbedToken records that a field gave the caller a token for embedding: where it is in the
// schema, and perhaps for what. The token itself must not be a part of it.
func (op *Operation) GaveEmbedToken(field string) {
	op.DoNotKeep()
	op.mu.Lock()
	defer op.mu.Unlock()
	if len(op.embedTokens) < maxEmbedTokens {
		op.embedTokens = append(op.embedTokens, field)
	}
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
