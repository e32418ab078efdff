package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/DeRuina/timberjack"
)

// Config is where lines go.
type Config struct {
	File      string // standard output when empty
	MaxSize   int    // of the file in megabytes, before another is begun
	KeepFiles int    // 0 for all
	KeepDays  int    // 0 for all
	Required  bool   // a request whose line cannot be written is answered 503

	Now    func() time.Time
	Logger *slog.Logger
	Output io.Writer // in place of File, for tests
}

// Log is the audit log. It is safe for use by several goroutines.
type Log struct {
	Config
	closer io.Closer

	mu              sync.Mutex
	out             io.Writer
	torn            bool // the last line was written in part
	failing         bool
	said            time.Time // when failures were last reported
	unsaid          int       // failures since
	written, failed uint64
	refusals        refusals
}

// New makes a log. Nothing is opened before [Log.Open].
func New(c Config) *Log {
	if c.Now == nil {
		c.Now = time.Now
	}
	l := &Log{Config: c, out: c.Output}
	switch {
	case c.Output != nil:
	case c.File == "":
		l.out = os.Stdout
	default:
		file := &timberjack.Logger{Filename: c.File, MaxSize: c.MaxSize, MaxBackups: c.KeepFiles, MaxAge: c.KeepDays, FileMode: fileMode}
		l.out, l.closer = file, file
	}
	return l
}

// fileMode lets the group of the file, such as that of a log shipper, read it.
const fileMode = 0o640

// Open finds out whether the file can be written, so that a wrong name stops the start.
func (l *Log) Open() error {
	if l.closer == nil {
		return nil
	}
	f, err := os.OpenFile(l.File, os.O_APPEND|os.O_CREATE|os.O_WRONLY, fileMode)
	if err != nil {
		return fmt.Errorf("audit.file cannot be written: %w; create its directory, and let the user that runs vitrine write there", err)
	}
	return f.Close()
}

// Close closes the file.
func (l *Log) Close() error {
	if l.closer == nil {
		return nil
	}
	return l.closer.Close()
}

// Counts are the lines that were written, and those that could not be.
func (l *Log) Counts() (written, failed uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written, l.failed
}

// write writes one line as a whole.
func (l *Log) write(line Line) error {
	if !l.admit(&line) {
		return nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(line); err != nil {
		return err // cannot fail: texts and numbers
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	whole := b.Bytes()
	if l.torn {
		whole = append([]byte("\n"), whole...)
	}
	n, err := l.out.Write(whole)
	if err == nil {
		l.torn = false
		l.written++
		l.recovered()
		return nil
	}
	l.torn = l.torn && n == 0 || n > 0
	l.failed++
	l.report(err)
	return err
}

// reportEvery is how often failures are logged while they go on.
const reportEvery = time.Minute

// report logs the first failure, and then once a minute. The caller holds the lock.
func (l *Log) report(err error) {
	l.unsaid++
	now := l.Now()
	if l.failing && now.Sub(l.said) < reportEvery {
		return
	}
	l.Logger.LogAttrs(context.Background(), slog.LevelError, "audit lines cannot be written",
		slog.Any("error", err), slog.Int("lines", l.unsaid), slog.Bool("required", l.Required))
	l.failing, l.said, l.unsaid = true, now, 0
}

// recovered logs that lines are written again. The caller holds the lock.
func (l *Log) recovered() {
	if !l.failing {
		return
	}
	l.failing, l.unsaid = false, 0
	l.Logger.LogAttrs(context.Background(), slog.LevelInfo, "audit lines are written again")
}
