package cli

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/test/harness"
)

// TestCheckReportsWhereTracesGo: a collector that takes none is a warning and no failure.
func TestCheckReportsWhereTracesGo(t *testing.T) {
	t.Parallel()
	collector := harness.NewCollector(t)
	settings := &config.Config{Traces: config.Traces{
		Endpoint: collector.URL, Headers: map[string]config.Secret{"Api-Key": "marked-key"}, Timeout: time.Minute, Sampler: config.SamplerParentRatio, Ratio: 0.1,
		Resource: map[string]string{"service.name": "facade"},
	}}
	for status, want := range map[int32]string{
		http.StatusOK:        `ok      traces                             to ` + collector.URL + ` as service "facade", sampler parentbased_traceidratio 0.1` + "\n",
		http.StatusForbidden: `warning traces                             to ` + collector.URL,
	} {
		collector.Status.Store(status)
		out := &bytes.Buffer{}
		r := &report{command: &command{out: out}}
		r.traces(t.Context(), settings)
		if !strings.HasPrefix(out.String(), want) || strings.Contains(out.String(), "marked-key") || r.failed > 0 {
			t.Errorf("%d: %d failed, %s", status, r.failed, out)
		}
		out.Reset()
		r.traces(t.Context(), &config.Config{})
		if out.Len() > 0 {
			t.Errorf("without traces: %s", out)
		}
	}
}
