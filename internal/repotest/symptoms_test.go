package repotest

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/problem"
	"vitrine/test/harness"
)

var (
	codeSpan    = regexp.MustCompile("`([^`\n]+)`")
	codeName    = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)
	metricName  = regexp.MustCompile(`^vitrine_[a-z_]+$`)
	commandLine = regexp.MustCompile(`^vitrine ([a-z]+)(?: --([a-z]+))?$`)
	settingName = regexp.MustCompile(`^[a-z][A-Za-z]*(\[\])?(\.[A-Za-z]+(\[\])?)+$`)
)

// TestSymptomsNameWhatExists holds that the codes, settings, metrics, commands, events and messages
// that the symptoms in docs/operators/troubleshooting.md name are those of the program.
func TestSymptomsNameWhatExists(t *testing.T) {
	t.Parallel()
	_, symptoms, _ := strings.Cut(harness.ReadFile(t, "docs/operators/troubleshooting.md"), "\n## Symptoms\n")
	symptoms, _, _ = strings.Cut(symptoms, "\n## ")
	settings := harness.ReadFile(t, "docs/operators/settings.md") // generated
	metrics := harness.ReadFile(t, "docs/operators/metrics.md")
	source := productSource(t)

	spans := codeSpan.FindAllStringSubmatch(symptoms, -1)
	for _, m := range spans {
		text := m[1]
		command := commandLine.FindStringSubmatch(text)
		known := strings.Contains(source, strings.TrimSuffix(text, "Ms")) // the log adds Ms to durations
		switch {
		case codeName.MatchString(text) && !strings.HasPrefix(text, "OTEL_"):
			known = slices.Contains(problem.Codes(), text)
		case settingName.MatchString(text):
			known = strings.Contains(settings, "\n#### "+text+"\n") || strings.Contains(settings, "\n#### "+text+".") || strings.Contains(settings, "\n#### "+text+"[]")
		case metricName.MatchString(text):
			known = strings.Contains(metrics, "`"+text+"`")
		case command != nil:
			known = strings.Contains(source, `"`+command[1]+`"`) && (command[2] == "" || strings.Contains(source, `"`+command[2]+`"`))
		}
		if !known {
			t.Errorf("the symptoms name %q, which is no code, setting, metric, command or text of the program", text)
		}
	}
	if len(spans) < 100 {
		t.Errorf("the symptoms name %d things: is the section still there?", len(spans))
	}
}

// productSource is the text of all Go files of the program itself.
func productSource(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, f := range goFiles(t) {
		if f.isTest() || slices.Contains([]string{"graph", "internal/tableausim", "internal/devidp"}, f.dir) {
			continue
		}
		text, err := os.ReadFile(path.Join(f.dir, f.name))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
