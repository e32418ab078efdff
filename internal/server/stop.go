package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// How long requests that have been given up may take to answer so, and how long the sign-outs of
// Tableau sessions, and then the export of spans, may take beside what is left of the time for requests: with the defaults of
// shutdown together less than the 30 seconds that Kubernetes waits.
const (
	lastAnswers = 2 * time.Second
	signOuts    = 2 * time.Second
	lastSpans   = time.Second
)

// errStopping is why the contexts of requests end that are still running when the time for them is
// over.
var errStopping = errors.New("the server is stopping")

// Serve runs the server on an open listener until ctx ends, and then stops it in this order: it is
// not ready from then on, but serves for shutdown.delay, so that a load balancer that polls /readyz
// has time to send requests elsewhere, and has each answer end its connection; it accepts nothing
// more; running requests end within shutdown.grace or are answered 503; people are signed out.
func (a *App) Serve(ctx context.Context, listener net.Listener) error {
	handler, err := a.Routes()
	if err != nil {
		return err
	}
	if err := a.openAudit(); err != nil {
		return err
	}
	defer a.closeAudit()
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	a.run.start(background, handler)
	a.run.current.Load().Verifier.Start(background)
	server, open, err := a.server(a.run, listener)
	if err != nil {
		return err
	}
	requests, giveUp := context.WithCancelCause(background)
	defer giveUp(nil)
	server.BaseContext = func(net.Listener) context.Context { return requests }
	failed := make(chan error, 1)
	go func() { failed <- open() }()
	a.run.serving.Store(true)
	a.logStart(background, listener.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	a.stop(background, server, giveUp)
	return nil
}

// stop is the second half of serve. What does not end in time is logged, and is no error: the
// program was asked to end.
func (a *App) stop(ctx context.Context, server *http.Server, giveUp context.CancelCauseFunc) {
	began, limits := time.Now(), a.Settings.Shutdown
	a.run.serving.Store(false)
	a.edge.CloseConnections()
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "stopping: not ready from now on; requests are served for the delay, and may then finish within the grace time",
		slog.Duration("delay", limits.Delay), slog.Duration("grace", limits.Grace))
	<-a.After(limits.Delay)
	finished := time.Now()
	if limited(ctx, limits.Grace, server.Shutdown) != nil {
		giveUp(errStopping)
		if limited(ctx, lastAnswers, server.Shutdown) != nil {
			a.Logger.Warn("requests did not end although they were given up: their connections are cut")
		}
	}
	_ = server.Close() // cuts what is left
	if a.cache != nil {
		a.cache.Close()
	}
	left := func() time.Duration { return max(limits.Grace-time.Since(finished), 0) }
	if err := limited(ctx, signOuts+left(), a.Broker.Close); err != nil {
		a.Logger.Warn("not everybody was signed out of Tableau", "error", err)
	}
	a.closeTraces(ctx, lastSpans+left())
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "stopped", slog.Duration("took", time.Since(began)))
}

func limited(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}
