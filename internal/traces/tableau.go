package traces

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"vitrine/internal/tableau"
)

// Gate makes a span of each try of a request that passes another gate within a trace.
func (t *Tracer) Gate(next tableau.Gate) tableau.Gate { return gate{next, t} }

type gate struct {
	next tableau.Gate
	*Tracer
}

// Pass implements [tableau.Gate].
func (g gate) Pass(ctx context.Context, c tableau.Call, try func(context.Context) error) error {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return g.next.Pass(ctx, c, try)
	}
	began, tries := time.Now(), 0
	return g.next.Pass(ctx, c, func(ctx context.Context) error {
		ctx, span := g.tracer.Start(ctx, c.Name, trace.WithSpanKind(trace.SpanKindClient))
		if span.IsRecording() {
			method, template, _ := strings.Cut(c.Name, " ")
			span.SetAttributes(attribute.String("http.request.method", method), attribute.String("url.template", template))
			if c.Class != tableau.Open {
				span.SetAttributes(attribute.String("vitrine.site", c.Site))
			}
			if tries > 0 {
				span.SetAttributes(attribute.Int("http.request.resend_count", tries))
			} else {
				span.SetAttributes(attribute.Int64("vitrine.queue_ms", time.Since(began).Milliseconds()))
			}
		}
		tries++
		err := errPanicked
		defer func() { endCall(span, err) }()
		err = try(ctx)
		return err
	})
}

// errPanicked is the outcome of a request whose try panics.
var errPanicked = errors.New("the request panicked")

// endCall ends the span of a request to Tableau. Texts of errors stay out: they may have names.
func endCall(span trace.Span, err error) {
	defer span.End()
	if !span.IsRecording() {
		return
	}
	var e *tableau.Error
	switch {
	case err == nil:
		span.SetAttributes(attribute.Int("http.response.status_code", http.StatusOK))
		return
	case !errors.As(err, &e):
		span.SetAttributes(attribute.String("error.type", "_OTHER"))
	case e.Status != 0:
		span.SetAttributes(attribute.Int("http.response.status_code", e.Status), attribute.String("error.type", strconv.Itoa(e.Status)))
		if e.Code != "" && strings.Trim(e.Code, "0123456789") == "" {
			span.SetAttributes(attribute.String("vitrine.tableau.code", e.Code))
		}
	case e.Kind == tableau.Timeout:
		span.SetAttributes(attribute.String("error.type", "timeout"))
	default:
		span.SetAttributes(attribute.String("error.type", "connection"))
	}
	span.SetStatus(codes.Error, "")
}

// Transport adds traceparent to the requests that pass another transport within a trace.
func Transport(next http.RoundTripper) http.RoundTripper { return transport{next} }

type transport struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if trace.SpanContextFromContext(r.Context()).IsValid() {
		own := *r
		own.Header = maps.Clone(r.Header)
		propagator.Inject(r.Context(), propagation.HeaderCarrier(own.Header))
		r = &own
	}
	return t.next.RoundTrip(r)
}

// CloseIdleConnections closes those of the other transport.
func (t transport) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
