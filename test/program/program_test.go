package program

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"testing"

	"vitrine/internal/cli"
	"vitrine/internal/config"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// TestMain lets this test binary be the program itself, for tests that start processes.
func TestMain(m *testing.M) {
	if os.Getenv(harness.ProgramEnv) != "" {
		os.Exit(cli.Main())
	}
	os.Exit(m.Run())
}

// program is a started server with the requests that only tests of this package send.
type program struct{ *harness.Program }

func start(t testing.TB, world tableausim.Config, change func(*config.Config)) *program {
	t.Helper()
	return &program{harness.Start(t, world, change)}
}

// serve runs one more server beside those that the stand-ins have already.
func serve(t testing.TB, stand *standin.Servers, change func(*config.Config)) *program {
	t.Helper()
	return &program{harness.Serve(t, stand, change)}
}

func serveLogging(
	t testing.TB, stand *standin.Servers, change func(*config.Config), newLogger func(io.Writer) *slog.Logger,
) *program {
	t.Helper()
	return &program{harness.ServeLogging(t, stand, change, newLogger)}
}

// call runs a command to its end.
func call(t *testing.T, env map[string]string, args ...string) (out, log string, err error) {
	t.Helper()
	var o, l bytes.Buffer
	err = cli.Run(t.Context(), args, func(name string) string { return env[name] }, &o, &l)
	return o.String(), l.String(), err
}
