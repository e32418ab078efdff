package harness

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector takes spans over OTLP/HTTP and keeps them.
type Collector struct {
	URL    string       // that spans are sent to
	Status atomic.Int32 // what it answers with; 200 when zero

	mu     sync.Mutex
	bodies []string
	header http.Header // of the last request
	spans  []Span
}

// Span is a span as tests look into it.
type Span struct {
	Name, Kind, TraceID, SpanID, ParentID string
	Attributes, Resource                  map[string]any
	Links                                 []string // trace and span
	Failed                                bool
}

// NewCollector starts a collector, which stops when the test ends.
func NewCollector(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.URL = server.URL + "/v1/traces"
	return c
}

// ServeHTTP implements [http.Handler].
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if status := c.Status.Load(); status != 0 {
		w.WriteHeader(int(status))
		_, _ = io.WriteString(w, "not now")
		return
	}
	body, err := io.ReadAll(r.Body)
	var request collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies, c.header = append(c.bodies, string(body)), r.Header.Clone()
	for _, of := range request.GetResourceSpans() {
		for _, scope := range of.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				c.spans = append(c.spans, spanOf(s, of.GetResource().GetAttributes()))
			}
		}
	}
}

func spanOf(s *otlp.Span, resource []*common.KeyValue) Span {
	span := Span{
		Name: s.GetName(), Kind: strings.TrimPrefix(s.GetKind().String(), "SPAN_KIND_"), TraceID: hex.EncodeToString(s.GetTraceId()), SpanID: hex.EncodeToString(s.GetSpanId()),
		ParentID: hex.EncodeToString(s.GetParentSpanId()), Attributes: attributesOf(s.GetAttributes()), Resource: attributesOf(resource),
		Failed: s.GetStatus().GetCode() == otlp.Status_STATUS_CODE_ERROR,
	}
	for _, l := range s.GetLinks() {
		span.Links = append(span.Links, hex.EncodeToString(l.GetTraceId())+"-"+hex.EncodeToString(l.GetSpanId()))
	}
	return span
}

func attributesOf(list []*common.KeyValue) map[string]any {
	attributes := map[string]any{}
	for _, a := range list {
		switch v := a.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			attributes[a.GetKey()] = v.StringValue
		case *common.AnyValue_IntValue:
			attributes[a.GetKey()] = int(v.IntValue)
		case *common.AnyValue_BoolValue:
			attributes[a.GetKey()] = v.BoolValue
		case *common.AnyValue_ArrayValue:
			var texts []string
			for _, item := range v.ArrayValue.GetValues() {
				texts = append(texts, item.GetStringValue())
			}
			attributes[a.GetKey()] = strings.Join(texts, " ")
		}
	}
	return attributes
}

// Spans are all spans so far, in the order in which they came.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Span(nil), c.spans...)
}

// Named are the spans of a name.
func (c *Collector) Named(name string) (spans []Span) {
	for _, s := range c.Spans() {
		if s.Name == name {
			spans = append(spans, s)
		}
	}
	return spans
}

// Bytes are the bodies of all requests so far.
func (c *Collector) Bytes() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.bodies, "\n")
}

// Header is that of the last request.
func (c *Collector) Header() http.Header {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.header
}
