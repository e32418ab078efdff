package cli

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// stopSignals ends the context at the first SIGINT or SIGTERM, and the process at the second: with
// the status that shells give for the signal, 130 or 143. It is not left to the system, which does
// not end the first process of a container so.
func stopSignals(parent context.Context) (ctx context.Context, stop func()) {
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
