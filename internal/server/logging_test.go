package server

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"vitrine/internal/config"
)

func TestLoweredConnectionsAreLoggedWhereSomebodyWantedThem(t *testing.T) {
	t.Parallel()
	for total, warns := range map[int]bool{config.Default().Connections.Total: false, 1_000_000: true, 100: false} {
		var log bytes.Buffer
		settings := config.Default()
		settings.Connections.Total = total
		a := &App{Settings: settings, Logger: slog.New(slog.NewTextHandler(&log, nil))}
		if a.connections() < fewestConnections && total != 100 || a.connections() == 1_000_000 {
			t.Skip("the limit of open files is unusual here")
		}
		a.warnOfFileLimit(t.Context())
		if strings.Contains(log.String(), "openFiles=") != warns || strings.Contains(log.String(), "connectionsTotal=") != warns {
			t.Errorf("%d: %s", total, &log)
		}
	}
}
