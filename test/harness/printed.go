package harness

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/standin"
)

// printedDir is where tests leave what the program printed, and what was secret then, for
// .ci/secrets to look through.
const printedDir = "VITRINE_PRINTED"

// KeepPrinted leaves the log of a program behind when its test ends, and the secrets of its
// stand-in Tableau.
func KeepPrinted(t testing.TB, stand *standin.Servers, log *SyncBuffer) {
	dir := os.Getenv(printedDir)
	if dir == "" {
		return
	}
	t.Cleanup(func() {
		var secrets strings.Builder
		for _, secret := range stand.Tableau.PATs() {
			secrets.WriteString(secret + "\n")
		}
		for _, app := range stand.Tableau.ConnectedApps() {
			secrets.WriteString(app.Secret + "\n")
		}
		for _, s := range stand.Tableau.Sessions() {
			secrets.WriteString(strings.Join(strings.Split(s.Token, "|")[:2], "\n") + "\n") // the third part is the site's LUID, which answers contain
		}
		keep(t, dir, "*.secrets", secrets.String())
		keep(t, dir, "*.log", log.String())
	})
}

func keep(t testing.TB, dir, pattern, text string) {
	f, err := os.CreateTemp(dir, "program-"+pattern)
	if err != nil {
		t.Errorf("%s=%s: %v", printedDir, filepath.Clean(dir), err)
		return
	}
	if _, err := f.WriteString(text); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
