package cli

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/server"
)

// readFiles remembers the files that settings were read from.
type readFiles struct {
	mu    sync.Mutex
	names map[string]bool
}

// read reads a file and remembers its name, even if it cannot be read: it may come.
func (f *readFiles) read(name string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names == nil {
		f.names = map[string]bool{}
	}
	f.names[name] = true
	return os.ReadFile(name)
}

// state is a digest of the content of all files.
func (f *readFiles) state() string {
	f.mu.Lock()
	names := slices.Sorted(maps.Keys(f.names))
	f.mu.Unlock()
	h := sha256.New()
	for _, name := range names {
		data, err := os.ReadFile(name)
		_, _ = fmt.Fprintf(h, "%q %d %t\n", name, len(data), err == nil)
		_, _ = h.Write(data)
	}
	return string(h.Sum(nil))
}

// lookEvery is how often files are looked at. A change counts once two looks find the same, so that
// a file that is being written is left alone.
const lookEvery = 5 * time.Second

// reloads replaces the settings of a server at each SIGHUP, and when a file changes, until stop is
// called.
func reloads(a *server.App, files *readFiles, load func() (*config.Config, []string, error), logger *slog.Logger, watch bool) (stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	ticker := time.NewTicker(lookEvery)
	if !watch {
		ticker.Stop()
	}
	done, ended := make(chan struct{}), make(chan struct{})
	w := &watcher{state: files.state, reload: func(why string) {
		logger.Info("the settings are read again", "because", why)
		_ = a.Reload(load) // it is in the log
	}}
	w.used = files.state()
	go func() {
		defer close(ended)
		for {
			select {
			case <-signals:
				w.now("SIGHUP")
			case <-ticker.C:
				w.look()
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		ticker.Stop()
		close(done)
		<-ended
	}
}

// watcher decides when files have changed.
type watcher struct {
	state      func() string
	reload     func(why string)
	used, seen string // the state that is in use, or was refused, and the one at the last look
}

// look reloads if the files are not as they were used, and are as they were at the last look.
func (w *watcher) look() {
	state := w.state()
	changed := state != w.used && state == w.seen
	w.seen = state
	if changed {
		w.now("a file has changed")
	}
}

// now reloads. What was read is in use, or refused, and is not tried again until it changes.
func (w *watcher) now(why string) {
	w.used = w.state()
	w.reload(why)
}
