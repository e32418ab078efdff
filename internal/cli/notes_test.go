package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// Notes of serve are events like all others, so that whatever reads the log can read them.
func TestNotesOfServeAreLogged(t *testing.T) {
	t.Parallel()
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	ctx, stop := context.WithCancel(t.Context())
	stop() // serve starts, and stops at once
	var log bytes.Buffer
	args := []string{"serve", "--config", harness.SettingsFile(t, stand, "")}
	if err := run(ctx, args, func(string) string { return "" }, []string{"look at this"}, io.Discard, &log); err != nil {
		t.Fatal(err)
	}
	found := false
	for line := range strings.Lines(log.String()) {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Errorf("%q is not an event: %v", line, err)
		}
		found = found || event["msg"] == "note: look at this" && event["level"] == "WARN"
	}
	if !found {
		t.Errorf("the note is not in the log:\n%s", &log)
	}
}
