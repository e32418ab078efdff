package config

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/suggest"
)

// Traces are the spans of OpenTelemetry. All but TrustIncoming comes from OpenTelemetry's standard
// environment variables.
type Traces struct {
	// TrustIncoming continues the traces of clients, and follows their sampling decisions where the
	// sampler is parent-based. Key: traces.trustIncoming. Default: false.
	TrustIncoming bool
	// Endpoint is the address that spans are sent to, path included; empty for no traces.
	Endpoint string
	// Headers are sent with the spans.
	Headers map[string]Secret
	// CA is a PEM file's content: certificates to trust besides the system's; nil for none.
	CA []byte
	// Timeout bounds one request with spans.
	Timeout time.Duration
	// Gzip compresses them.
	Gzip bool
	// Sampler is one of the standard names, and Ratio its argument.
	Sampler string
	Ratio   float64
	// Resource are the attributes of this process; service.name is always among them.
	Resource map[string]string
}

// TraceVariables are OpenTelemetry's environment variables that are read here. That of one signal
// comes before the general one.
var TraceVariables = []string{
	"OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT",
	"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS",
	"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION",
	"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
	"OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_PROPAGATORS",
}

// The names of samplers, as OpenTelemetry has them.
const (
	SamplerAlwaysOn          = "always_on"
	SamplerAlwaysOff         = "always_off"
	SamplerRatio             = "traceidratio"
	SamplerParentAlwaysOn    = "parentbased_always_on"
	SamplerParentAlwaysOff   = "parentbased_always_off"
	SamplerParentRatio       = "parentbased_traceidratio"
	defaultTraceEndpoint     = "http://localhost:4318"
	tracePath                = "/v1/traces"
	defaultTraceTimeout      = 10 * time.Second
	maxTraceTimeout          = time.Minute
	otlpProtocol             = "http/protobuf"
	serviceName, serviceHere = "service.name", "vitrine"
)

var samplers = []string{SamplerAlwaysOn, SamplerAlwaysOff, SamplerRatio, SamplerParentAlwaysOn, SamplerParentAlwaysOff, SamplerParentRatio}

func (r *reader) traces(o *object, t *Traces) {
	o.flag("trustIncoming", &t.TrustIncoming)
	o.done()
}

// traceVariables reads the environment. Where nothing asks for traces, nothing else is looked at.
func (r *reader) traceVariables(t *Traces) {
	e := &traceEnvironment{reader: r}
	if !e.enabled(t) {
		return
	}
	e.protocol()
	t.Headers = e.headers()
	t.CA = e.certificate(t.Endpoint)
	t.Timeout = e.timeout()
	t.Gzip = e.gzip()
	t.Sampler, t.Ratio = e.sampler()
	t.Resource = e.resource()
	if p := e.getenv("OTEL_PROPAGATORS"); p != "" && !slices.Contains(commaList(p), "tracecontext") {
		r.notes = append(r.notes, "OTEL_PROPAGATORS has no tracecontext, which is the only format that vitrine reads and writes: it is used regardless")
	}
	if u, err := url.Parse(t.Endpoint); err == nil && len(t.Headers) > 0 && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		r.notes = append(r.notes, "OTEL_EXPORTER_OTLP_HEADERS: the headers are sent in the clear, because the address of the collector is without TLS")
	}
}

// traceEnvironment reads OpenTelemetry's variables.
type traceEnvironment struct{ *reader }

func (e *traceEnvironment) getenv(name string) string {
	return strings.TrimSpace(e.source.getenv(name))
}

// problem notes a variable; it has no place in the file.
func (e *traceEnvironment) problem(name, value, reason, fix string) {
	e.problems = append(e.problems, Problem{Path: name, Value: value, Reason: reason, Fix: fix})
}

// exporter reads a variable of the exporter: the one of traces, else that of all signals.
func (e *traceEnvironment) exporter(name string) (variable, value string) {
	for _, variable := range []string{"OTEL_EXPORTER_OTLP_TRACES_" + name, "OTEL_EXPORTER_OTLP_" + name} {
		if value := e.getenv(variable); value != "" {
			return variable, value
		}
	}
	return "", ""
}

// enabled reports whether there are traces, and finds where they go.
func (e *traceEnvironment) enabled(t *Traces) bool {
	switch off := e.getenv("OTEL_SDK_DISABLED"); strings.ToLower(off) {
	case "true":
		return false
	case "", "false":
	default:
		e.problem("OTEL_SDK_DISABLED", off, "is neither true nor false", "use one of the two")
	}
	variable, address := e.exporter("ENDPOINT")
	switch exporter := e.getenv("OTEL_TRACES_EXPORTER"); exporter {
	case "none":
		return false
	case "otlp":
		if address == "" {
			variable, address = "OTEL_EXPORTER_OTLP_ENDPOINT", defaultTraceEndpoint
		}
	case "":
	default:
		e.problem("OTEL_TRACES_EXPORTER", exporter, "is not supported", "use otlp or none")
	}
	if address == "" {
		return false
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		e.problem(variable, presentable(address), "is not an absolute http or https address", "write it like http://collector.example.com:4318")
		return false
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		e.problem(variable, presentable(address), "has a user, a query or a fragment", "end it before ? and #; credentials belong into OTEL_EXPORTER_OTLP_HEADERS")
		return false
	}
	if variable == "OTEL_EXPORTER_OTLP_ENDPOINT" {
		u = u.JoinPath(tracePath)
	}
	if u.Path == "" {
		u.Path = "/" // as the specification of the exporter has it
	}
	t.Endpoint = u.String()
	return true
}

func (e *traceEnvironment) protocol() {
	if variable, p := e.exporter("PROTOCOL"); p != "" && p != otlpProtocol {
		e.problem(variable, p, "is not supported", "use "+otlpProtocol+"; collectors listen for it on port 4318")
	}
}

// headers are not shown where they are wrong: they may hold a key.
func (e *traceEnvironment) headers() map[string]Secret {
	variable, text := e.exporter("HEADERS")
	pairs, ok := pairsOf(text)
	for name, value := range pairs {
		ok = ok && headerName(name) && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f })
	}
	if !ok {
		e.problem(variable, "", "is not a list of headers", "write it like api-key=abc,tenant=one, with % escapes in values; it is not shown here, because it may hold a key")
		return nil
	}
	headers := map[string]Secret{}
	for name, value := range pairs {
		headers[name] = Secret(value)
	}
	return headers
}

func (e *traceEnvironment) certificate(endpoint string) []byte {
	if variable, _ := e.exporter("CLIENT_CERTIFICATE"); variable != "" {
		e.problem(variable, "", "is not supported", "send spans to a collector beside vitrine that has the certificate")
	}
	variable, name := e.exporter("CERTIFICATE")
	if name == "" {
		return nil
	}
	data, err := e.source.readFile(name)
	switch {
	case err != nil:
		e.problem(variable, shownName(name), "cannot be read: "+reason(err).Error(), "name a file that the user that runs vitrine can read")
	case !x509.NewCertPool().AppendCertsFromPEM(data):
		e.problem(variable, shownName(name), "holds no certificate", "give certificates in PEM form")
	case strings.HasPrefix(endpoint, "http:"):
		e.problem(variable, shownName(name), "is of no use with an address without TLS", "use https, or take it out")
	}
	return data
}

func (e *traceEnvironment) timeout() time.Duration {
	variable, text := e.exporter("TIMEOUT")
	if text == "" {
		return defaultTraceTimeout
	}
	ms, err := strconv.Atoi(text)
	if timeout := time.Duration(ms) * time.Millisecond; err == nil && timeout > 0 && timeout <= maxTraceTimeout {
		return timeout
	}
	e.problem(variable, text, "is not a number of milliseconds up to "+plain(maxTraceTimeout), "10000 is the default")
	return defaultTraceTimeout
}

func (e *traceEnvironment) gzip() bool {
	variable, text := e.exporter("COMPRESSION")
	if text != "" && text != "none" && text != "gzip" {
		e.problem(variable, text, "is not a compression", "use gzip or none")
	}
	return text == "gzip"
}

func (e *traceEnvironment) sampler() (name string, ratio float64) {
	name, ratio = strings.ToLower(e.getenv("OTEL_TRACES_SAMPLER")), 1
	if name == "" {
		return SamplerParentAlwaysOn, ratio
	}
	if !slices.Contains(samplers, name) {
		e.problem("OTEL_TRACES_SAMPLER", name, "is not a sampler that is supported", suggest.Or(name, samplers, "use one of "+strings.Join(samplers, ", ")))
		return name, ratio
	}
	argument := e.getenv("OTEL_TRACES_SAMPLER_ARG")
	if argument == "" || name != SamplerRatio && name != SamplerParentRatio {
		return name, ratio
	}
	ratio, err := strconv.ParseFloat(argument, 64)
	if err != nil || !(ratio >= 0 && ratio <= 1) {
		e.problem("OTEL_TRACES_SAMPLER_ARG", argument, "is not a ratio", "give a number from 0 to 1, such as 0.1")
	}
	return name, ratio
}

func (e *traceEnvironment) resource() map[string]string {
	text := e.getenv("OTEL_RESOURCE_ATTRIBUTES")
	attributes, ok := pairsOf(text)
	if !ok {
		e.problem("OTEL_RESOURCE_ATTRIBUTES", text, "is not a list of attributes", "write it like deployment.environment=test,team=bi, with % escapes in values")
		attributes = map[string]string{}
	}
	if name := e.getenv("OTEL_SERVICE_NAME"); name != "" {
		attributes[serviceName] = name
	}
	if attributes[serviceName] == "" {
		attributes[serviceName] = serviceHere
	}
	return attributes
}

// String says where spans go, without any header.
func (t Traces) String() string {
	sampler := t.Sampler
	if sampler == SamplerRatio || sampler == SamplerParentRatio {
		sampler += fmt.Sprintf(" %g", t.Ratio)
	}
	return fmt.Sprintf("to %s as service %q, sampler %s", t.Endpoint, t.Resource[serviceName], sampler)
}

// pairsOf reads name=value,name=value with % escapes in values.
func pairsOf(text string) (pairs map[string]string, ok bool) {
	pairs = map[string]string{}
	for _, item := range commaList(text) {
		name, value, found := strings.Cut(item, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !found || name == "" || err != nil {
			return nil, false
		}
		pairs[name] = value
	}
	return pairs, true
}

// commaList are the items of a list, without empty ones.
func commaList(text string) (items []string) {
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// headerName reports whether a text can be the name of a header: a token (RFC 9110, 5.6.2).
func headerName(name string) bool {
	return strings.Trim(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

var traceSettings = []Setting{
	{Key: "traces.trustIncoming", Type: TypeFlag, Default: "false", Text: "Continue the [traces](traces.md) of clients (`traceparent`), and follow their sampling decision where the sampler is parent-based. Otherwise a request begins a trace of its own, with a link to that of the client. Where spans go is in OpenTelemetry's environment variables."},
}
