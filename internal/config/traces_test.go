package config_test

import (
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/config"
)

// tracesWith reads settings with variables of OpenTelemetry.
func tracesWith(variables map[string]string) (*config.Config, []string, error) {
	getenv := func(name string) string {
		if value, ok := variables[name]; ok {
			return value
		}
		return environment(name)
	}
	return config.Load("testdata/least.yaml", getenv, os.ReadFile)
}

const collector = "OTEL_EXPORTER_OTLP_ENDPOINT"

func TestVariablesOfOpenTelemetryConfigureTraces(t *testing.T) {
	t.Parallel()
	plain := config.Traces{
		Endpoint: "http://localhost:4318/v1/traces", Headers: map[string]config.Secret{}, Timeout: 10 * time.Second,
		Sampler: config.SamplerParentAlwaysOn, Ratio: 1, Resource: map[string]string{"service.name": "vitrine"},
	}
	full := config.Traces{
		Endpoint: "https://collector.example.com/in/spans", Headers: map[string]config.Secret{"api-key": "a=b c", "tenant": "one"}, Timeout: 2500 * time.Millisecond, Gzip: true,
		Sampler: config.SamplerParentRatio, Ratio: 0.25, Resource: map[string]string{"service.name": "facade", "team": "b,i"},
	}
	for name, test := range map[string]struct {
		variables map[string]string
		want      config.Traces
	}{
		"none":     {nil, config.Traces{}},
		"disabled": {map[string]string{collector: "http://localhost:4318", "OTEL_SDK_DISABLED": "True"}, config.Traces{}},
		"exporter none": {map[string]string{
			collector: "http://localhost:4318", "OTEL_TRACES_EXPORTER": "none", "OTEL_TRACES_SAMPLER": "nonsense",
		}, config.Traces{}},
		"the default of OpenTelemetry": {map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, plain},
		"an address of all signals":    {map[string]string{collector: "http://localhost:4318/", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_PROPAGATORS": "baggage, tracecontext"}, plain},
		"everything": {map[string]string{
			collector: "http://elsewhere", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector.example.com/in/spans",
			"OTEL_EXPORTER_OTLP_HEADERS": "ignored=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "api-key=a=b%20c, tenant=one,", "OTEL_EXPORTER_OTLP_TIMEOUT": "2500",
			"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25",
			"OTEL_SERVICE_NAME": "facade", "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,team=b%2Ci",
		}, full},
	} {
		c, notes, err := tracesWith(test.variables)
		if err != nil || len(notes) > 0 {
			t.Errorf("%s: %v, notes %q", name, err, notes)
			continue
		}
		reveal := cmp.Transformer("reveal", func(s config.Secret) string { return s.Reveal() })
		if diff := cmp.Diff(test.want, c.Traces, reveal); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestVariablesOfOpenTelemetryThatAreNotSupportedAreRefused(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"OTEL_SDK_DISABLED":                            "yes",
		"OTEL_TRACES_EXPORTER":                         "jaeger",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT":           "collector:4318",
		collector:                                      "https://user:hunter2@collector",
		"OTEL_EXPORTER_OTLP_PROTOCOL":                  "grpc",
		"OTEL_EXPORTER_OTLP_HEADERS":                   "authorization: hunter2",
		"OTEL_EXPORTER_OTLP_TRACES_HEADERS":            "key=hunter2%0a",
		"OTEL_EXPORTER_OTLP_TIMEOUT":                   "10s",
		"OTEL_EXPORTER_OTLP_COMPRESSION":               "zstd",
		"OTEL_EXPORTER_OTLP_CERTIFICATE":               "testdata/none.pem",
		"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE": "client.pem",
		"OTEL_TRACES_SAMPLER":                          "parentbased_alway_on",
		"OTEL_TRACES_SAMPLER_ARG":                      "NaN",
		"OTEL_RESOURCE_ATTRIBUTES":                     "team",
	} {
		variables := map[string]string{collector: "http://localhost:4318", "OTEL_TRACES_SAMPLER": "traceidratio"}
		maps.Copy(variables, map[string]string{name: value})
		_, _, err := tracesWith(variables)
		if err == nil || !strings.HasPrefix(err.Error(), name+" ") || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	_, notes, err := tracesWith(map[string]string{collector: "http://collector.example.com:4318", "OTEL_EXPORTER_OTLP_HEADERS": "key=hunter2", "OTEL_PROPAGATORS": "b3"})
	if err != nil || len(notes) != 2 || strings.Contains(strings.Join(notes, " "), "hunter2") {
		t.Errorf("notes %q, error %v", notes, err)
	}
}

// TestPageAboutTracesNamesEachVariable compares it with the table of docs/operators/traces.md.
func TestPageAboutTracesNamesEachVariable(t *testing.T) {
	t.Parallel()
	page := readText(t, "../../docs/operators/traces.md")
	for _, name := range config.TraceVariables {
		general := strings.Replace(name, "_OTLP_TRACES_", "_OTLP_", 1)
		if !strings.Contains(page, "`"+general+"`") {
			t.Errorf("the page does not name %s", general)
		}
	}
}

func readText(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
