package traces

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// retries are of a collector that asks to come again: shorter than the library's, so that spans do
// not wait behind them for long.
var retries = otlptracehttp.RetryConfig{Enabled: true, InitialInterval: time.Second, MaxInterval: 5 * time.Second, MaxElapsedTime: 20 * time.Second}

// maxAnswer bounds what is read of a collector's answer.
const maxAnswer = 64 << 10

// newClient makes the client of a collector. A redirect is an error: the headers may hold a key.
func newClient(c Config, retries otlptracehttp.RetryConfig) otlptrace.Client {
	client := *c.HTTP
	client.Timeout = c.Timeout
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	compression := otlptracehttp.NoCompression
	if c.Gzip {
		compression = otlptracehttp.GzipCompression
	}
	return otlptracehttp.NewClient(
		otlptracehttp.WithEndpointURL(c.Endpoint), otlptracehttp.WithHeaders(c.Headers), otlptracehttp.WithHTTPClient(&client),
		otlptracehttp.WithTimeout(c.Timeout), otlptracehttp.WithCompression(compression), otlptracehttp.WithRetry(retries),
		otlptracehttp.WithMaxResponseSize(maxAnswer),
	)
}

// Check sends an export without spans, to see whether the collector takes it.
func Check(ctx context.Context, c Config) error {
	client := newClient(c, otlptracehttp.RetryConfig{})
	if err := client.UploadTraces(ctx, nil); err != nil {
		return fmt.Errorf("the collector does not take spans: %s", explain(err, c.Headers))
	}
	return nil
}

// maxReason bounds what a collector says in the log.
const maxReason = 300

// explain returns what is wrong in one line, without any header that was sent.
func explain(err error, headers map[string]string) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	for _, value := range headers {
		for part := range strings.FieldsSeq(value) {
			if len(part) >= 4 {
				text = strings.ReplaceAll(text, part, "REDACTED")
			}
		}
	}
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "…"
	}
	return text
}

// counting counts the sampled spans that end.
type counting struct {
	sdk.SpanProcessor
	ended *atomic.Uint64
}

// OnEnd implements [sdk.SpanProcessor].
func (c counting) OnEnd(s sdk.ReadOnlySpan) {
	if s.SpanContext().IsSampled() {
		c.ended.Add(1)
	}
	c.SpanProcessor.OnEnd(s)
}

// exporter counts what is exported, and logs when the collector takes nothing.
type exporter struct {
	next                    sdk.SpanExporter
	headers                 map[string]string
	logger                  *slog.Logger
	now                     func() time.Time
	closed                  context.Context // ends when there is no more time for exports
	stop                    context.CancelFunc
	ended, exported, failed atomic.Uint64

	mu      sync.Mutex
	failing bool
	unsaid  int // spans that were lost since the last event
	said    time.Time
}

func newExporter(next sdk.SpanExporter, c Config) *exporter {
	e := &exporter{next: next, headers: c.Headers, logger: c.Logger, now: c.Now}
	e.closed, e.stop = context.WithCancel(context.Background())
	return e
}

// ExportSpans implements [sdk.SpanExporter]. A failure is counted and logged here, so nobody else
// has to handle it.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.closed, cancel)()
	if err := e.next.ExportSpans(ctx, spans); err != nil {
		e.failed.Add(uint64(len(spans)))
		e.report(err, len(spans))
		return nil
	}
	e.exported.Add(uint64(len(spans)))
	e.recovered()
	return nil
}

// Shutdown implements [sdk.SpanExporter].
func (e *exporter) Shutdown(ctx context.Context) error { return e.next.Shutdown(ctx) }

// reportEvery is how often failures are logged while they go on.
const reportEvery = time.Minute

// report logs the first failure, and then once a minute.
func (e *exporter) report(err error, lost int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.unsaid += lost
	now := e.now()
	if e.failing && now.Sub(e.said) < reportEvery {
		return
	}
	e.logger.LogAttrs(context.Background(), slog.LevelWarn, "spans cannot be exported",
		slog.String("error", explain(err, e.headers)), slog.Int("spans", e.unsaid))
	e.failing, e.said, e.unsaid = true, now, 0
}

// recovered logs that spans are exported again.
func (e *exporter) recovered() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.failing {
		return
	}
	e.failing, e.unsaid = false, 0
	e.logger.LogAttrs(context.Background(), slog.LevelInfo, "spans are exported again")
}
