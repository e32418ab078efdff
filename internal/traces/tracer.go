package traces

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Config is where spans go, and what is known before the first request.
type Config struct {
	Endpoint string            // that spans are sent to, path included
	Headers  map[string]string // that are sent with them; they may hold a key
	HTTP     *http.Client      // with the right CAs; redirects are not followed
	Timeout  time.Duration     // of one request
	Gzip     bool
	Sampler  string  // a standard name: parentbased_traceidratio
	Ratio    float64 // for samplers with a ratio
	Resource map[string]string
	Version  string // of this program
	// TrustIncoming continues the traces of clients. Otherwise each request begins a trace, with a
	// link to that of the client.
	TrustIncoming bool
	Operations    []string // names of GraphQL operations that spans may have
	Logger        *slog.Logger
	Now           func() time.Time // for the log; time.Now when nil
}

// Tracer makes spans. It is made by [New], used by any number of goroutines, and closed once.
type Tracer struct {
	tracer     trace.Tracer
	processor  sdk.SpanProcessor
	exporter   *exporter
	trust      bool
	operations map[string]bool
}

// propagator reads and writes traceparent and tracestate.
var propagator propagation.TraceContext

// New makes a tracer. Nothing is sent before there are spans.
func New(c Config) (*Tracer, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	sampler, err := samplerOf(c.Sampler, c.Ratio)
	if err != nil {
		return nil, err
	}
	next, err := otlptrace.New(context.Background(), newClient(c, retries))
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	attributes := []attribute.KeyValue{attribute.String("service.version", c.Version)}
	for name, value := range c.Resource {
		attributes = append(attributes, attribute.String(name, value))
	}
	about, err := resource.New(context.Background(), resource.WithTelemetrySDK(), resource.WithAttributes(attributes...))
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	t := &Tracer{exporter: newExporter(next, c), trust: c.TrustIncoming, operations: map[string]bool{}}
	for _, name := range c.Operations {
		t.operations[name] = true
	}
	t.processor = counting{sdk.NewBatchSpanProcessor(t.exporter), &t.exporter.ended}
	t.tracer = sdk.NewTracerProvider(sdk.WithSampler(sampler), sdk.WithResource(about), sdk.WithSpanProcessor(t.processor)).Tracer("vitrine")
	return t, nil
}

// samplerOf returns the sampler of a standard name.
func samplerOf(name string, ratio float64) (sdk.Sampler, error) {
	switch name {
	case "always_on":
		return sdk.AlwaysSample(), nil
	case "always_off":
		return sdk.NeverSample(), nil
	case "traceidratio":
		return sdk.TraceIDRatioBased(ratio), nil
	case "parentbased_always_on":
		return sdk.ParentBased(sdk.AlwaysSample()), nil
	case "parentbased_always_off":
		return sdk.ParentBased(sdk.NeverSample()), nil
	case "parentbased_traceidratio":
		return sdk.ParentBased(sdk.TraceIDRatioBased(ratio)), nil
	}
	return nil, fmt.Errorf("traces: there is no sampler %q", name)
}

// Counts are the spans that ended and were sampled, those that were exported, and those that could
// not be. What is missing waits, or was dropped because too many waited.
func (t *Tracer) Counts() (ended, exported, failed uint64) {
	return t.exporter.ended.Load(), t.exporter.exported.Load(), t.exporter.failed.Load()
}

// Flush exports the spans that wait.
func (t *Tracer) Flush(ctx context.Context) error { return t.processor.ForceFlush(ctx) }

// Close exports the spans that wait, until ctx ends. What is left then is lost.
func (t *Tracer) Close(ctx context.Context) error {
	err := t.processor.Shutdown(ctx) // not of the provider, which does nothing where ctx has ended
	t.exporter.stop()
	return err
}

// Carry returns a context with the deadline of to and the span of from: work that several wait for
// is part of the trace of the one who started it.
func Carry(from, to context.Context) context.Context {
	span := trace.SpanFromContext(from)
	if !span.SpanContext().IsValid() {
		return to
	}
	return trace.ContextWithSpan(to, span)
}
