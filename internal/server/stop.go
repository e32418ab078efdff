package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"vitrine/internal/problem"
	"vitrine/internal/telemetry"
)

// How long requests that have been given up may take to answer so, and how long the sign-outs of Tableau sessions may take beside
// what is left of the time for requests: with the defaults of shutdown together less than the 30 seconds that Kubernetes waits.
const (
	lastAnswers = 2 * time.Second
	signOuts    = 2 * time.Second
)

// StopSignals ends the context at the first SIGINT or SIGTERM, and the process at the second: with the status that shells give for the
// signal, 130 or 143. It is not left to the system, which does not end the first process of a container so.
func StopSignals(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		again := <-signals
		slog.Warn("a second signal: stopped at once, running requests are cut and sessions are not signed out", "signal", again.String())
		status := 128 + int(syscall.SIGTERM)
		if again == os.Interrupt {
			status = 128 + int(syscall.SIGINT)
		}
		os.Exit(status)
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}

// IgnoreHangUps keeps SIGHUP, which ends a program that does not care, from ending this one. There is nothing to read again: settings
// are read at the start, and files with secrets and certificates whenever they change. It is logged once.
func IgnoreHangUps(logger *slog.Logger) (stop func()) {
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		for said := false; ; said = true {
			select {
			case <-signals:
			case <-done:
				return
			}
			if !said {
				logger.Warn("SIGHUP is ignored: settings are read at the start, secrets and certificates whenever their files change")
			}
		}
	}()
	return func() { signal.Stop(signals); close(done) }
}

// ErrStopping is why the contexts of requests end that are still running when the time for them is over.
var ErrStopping = errors.New("the server is stopping")

// Serve runs the server on an open listener until ctx ends, and then stops it in this order: it is not ready from then on, but serves
// for shutdown.delay, so that whoever polls /readyz has time to send requests elsewhere, and has each answer end its connection; it
// accepts nothing more; running requests end within shutdown.grace or are answered 503; people are signed out.
func (a *App) Serve(ctx context.Context, listener net.Listener) error {
	handler, err := a.Routes()
	if err != nil {
		return err
	}
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	a.Verifier.Start(background)
	server, open, err := a.server(handler, listener)
	if err != nil {
		return err
	}
	requests, giveUp := context.WithCancelCause(background)
	defer giveUp(nil)
	server.BaseContext = func(net.Listener) context.Context { return requests }
	failed := make(chan error, 1)
	go func() { failed <- open() }()
	a.serving.Store(true)
	a.logStart(background, listener.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	a.stop(background, server, giveUp)
	return nil
}

// stop is the second half of serve. What does not end in time is logged, and is no error: the program was told to end.
func (a *App) stop(ctx context.Context, server *http.Server, giveUp context.CancelCauseFunc) {
	began, limits := time.Now(), a.Settings.Shutdown
	a.serving.Store(false)
	a.edge.CloseConnections()
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "stopping: not ready from now on; requests are served for the delay, and may then finish within the grace time",
		slog.Duration("delay", limits.Delay), slog.Duration("grace", limits.Grace))
	<-a.After(limits.Delay)
	finished := time.Now()
	if limited(ctx, limits.Grace, server.Shutdown) != nil {
		giveUp(ErrStopping)
		if limited(ctx, lastAnswers, server.Shutdown) != nil {
			a.Logger.Warn("requests did not end although they were given up: their connections are cut")
		}
	}
	_ = server.Close() // cuts what is left
	left := max(limits.Grace-time.Since(finished), 0)
	if err := limited(ctx, signOuts+left, a.Broker.Close); err != nil {
		a.Logger.Warn("not everybody was signed out of Tableau", "error", err)
	}
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "stopped", slog.Duration("took", time.Since(began)))
}

func limited(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}

// UntilStopped answers requests that are still running when the time for them is over with 503. Those whose answer has begun are cut
// where the handler notices.
func UntilStopped(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &lateAnswer{ResponseWriter: w, request: r}
		next.ServeHTTP(answer, r)
		if !answer.begun && answer.late() {
			answer.WriteHeader(http.StatusServiceUnavailable)
		}
	})
}

// lateAnswer is an answer that is replaced when it begins too late.
type lateAnswer struct {
	http.ResponseWriter
	request         *http.Request
	begun, replaced bool
}

func (w *lateAnswer) late() bool { return errors.Is(context.Cause(w.request.Context()), ErrStopping) }

// WriteHeader begins the handler's answer, or the one in its place.
func (w *lateAnswer) WriteHeader(status int) {
	switch {
	case w.replaced:
	case !w.begun && status >= http.StatusOK && w.late():
		w.begun, w.replaced = true, true
		w.refuse()
	default:
		w.begun = w.begun || status >= http.StatusOK
		w.ResponseWriter.WriteHeader(status)
	}
}

// refuse answers 503 in place of the handler's answer.
func (w *lateAnswer) refuse() {
	telemetry.Add(w.request.Context(), slog.String("refused", problem.CodeDeadline), slog.String("reason", "the server stopped before the request had ended"))
	problem.Write(w.ResponseWriter, w.request, problem.Error{
		Status: http.StatusServiceUnavailable, Code: problem.CodeDeadline, RetryAfter: time.Second,
		Message: "the server is being stopped and gave the request up: send it again",
	})
}

// Write writes the handler's answer, or drops it.
func (w *lateAnswer) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	if w.replaced {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap returns the writer below, for [http.ResponseController].
func (w *lateAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what is buffered, for handlers that ask for an [http.Flusher].
func (w *lateAnswer) Flush() {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}
