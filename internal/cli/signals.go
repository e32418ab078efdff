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

// ignoreHangups keeps SIGHUP, which ends a program that does not care, from ending this one. There
// is nothing to read again: settings are read at the start, and files with secrets and certificates
// whenever they change. It is logged once.
func ignoreHangups(logger *slog.Logger) (stop func()) {
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
