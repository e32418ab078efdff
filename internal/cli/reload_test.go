package cli

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestFilesAreReadAgainOnceTheyRest looks at files that change between looks.
func TestFilesAreReadAgainOnceTheyRest(t *testing.T) {
	t.Parallel()
	state, loaded := "a", []string{}
	w := &watcher{state: func() string { return state }, used: "a"}
	w.reload = func(why string) { loaded = append(loaded, state+" "+why) }
	for _, s := range []string{"a", "a", "b", "c", "c", "c", "a", "a"} { // b is still being written
		state = s
		w.look()
	}
	w.now("SIGHUP")
	if want := []string{"c a file has changed", "a a file has changed", "a SIGHUP"}; !slices.Equal(loaded, want) {
		t.Errorf("loaded %q, want %q", loaded, want)
	}
}

func TestStateOfFilesChangesWithTheirContent(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "f")
	var f readFiles
	_, _ = f.read(file)
	states := []string{f.state()}
	for _, text := range []string{"", "a", "b"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		states = append(states, f.state())
	}
	if states[3] != f.state() {
		t.Error("the state changes by itself")
	}
	slices.Sort(states)
	if len(slices.Compact(states)) != 4 {
		t.Error("two states are the same")
	}
}
