package traces

import (
	"log/slog"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"vitrine/internal/telemetry"
)

// The names of server spans before more is known.
const (
	NameGraphQL = "graphql"
	NameContent = "content"
)

// Handler makes a span of each request that reaches next.
func (t *Tracer) Handler(name, route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, t.Begin(name, route, r)) })
}

// Begin starts the span of a request, which ends when the request has been answered, and returns
// the request in which calls to Tableau are part of it. The event in the log gets the ids.
func (t *Tracer) Begin(name, route string, r *http.Request) *http.Request {
	ctx := r.Context()
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", method(r.Method)), attribute.String("http.route", route)),
	}
	caller := trace.SpanContextFromContext(propagator.Extract(ctx, propagation.HeaderCarrier(r.Header)))
	switch {
	case caller.IsValid() && t.trust:
		ctx = trace.ContextWithRemoteSpanContext(ctx, caller)
	case caller.IsValid():
		options = append(options, trace.WithLinks(trace.Link{SpanContext: caller.WithTraceState(trace.TraceState{})}))
	}
	ctx, span := t.tracer.Start(ctx, name, options...)
	made := span.SpanContext()
	telemetry.Add(ctx, slog.String(telemetry.TraceID, made.TraceID().String()), slog.String("spanId", made.SpanID().String()))
	telemetry.AtEnd(ctx, func(s telemetry.Summary) { t.end(span, name, s) })
	return r.WithContext(ctx)
}

// methods are those that a client may use; the request line can hold any text.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost}

func method(name string) string {
	if slices.Contains(methods, name) {
		return name
	}
	return "_OTHER"
}

// end ends the span of a request with what is known of it now: numbers, codes and names that this
// server has in a list.
func (t *Tracer) end(span trace.Span, name string, s telemetry.Summary) {
	defer span.End()
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(attribute.Int("http.response.status_code", s.Status), attribute.Int64("http.response.body.size", s.Bytes))
	failed := slices.Compact(slices.Sorted(slices.Values(s.Codes())))
	if len(failed) > 0 {
		span.SetAttributes(attribute.StringSlice("vitrine.error.codes", failed))
	}
	if operation, ran := s.Value("operation"); ran && name == NameGraphQL {
		t.describe(span, operation.String(), s)
	}
	if _, panicked := s.Value("panic"); panicked || s.Status >= http.StatusInternalServerError || slices.Contains(failed, "INTERNAL") {
		span.SetStatus(codes.Error, "")
	}
}

// describe adds what is known of a GraphQL operation. Vitrine has queries alone.
func (t *Tracer) describe(span trace.Span, operation string, s telemetry.Summary) {
	span.SetAttributes(attribute.String("graphql.operation.type", "query"))
	if t.operations[operation] {
		span.SetName("query " + operation)
		span.SetAttributes(attribute.String("graphql.operation.name", operation))
	} else {
		span.SetName("query")
	}
	for key, name := range map[string]string{"cost": "vitrine.cost", "tableauCalls": "vitrine.tableau.calls", "tableauShared": "vitrine.tableau.shared"} {
		if v, ok := s.Value(key); ok && v.Kind() == slog.KindInt64 {
			span.SetAttributes(attribute.Int64(name, v.Int64()))
		}
	}
	if v, ok := s.Value("cached"); ok && v.Kind() == slog.KindBool {
		span.SetAttributes(attribute.Bool("vitrine.cached", v.Bool()))
	}
}
