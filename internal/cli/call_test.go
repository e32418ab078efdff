package cli

import (
	"bytes"
	"testing"
)

// call runs a command to its end.
func call(t *testing.T, env map[string]string, args ...string) (out, log string, err error) {
	t.Helper()
	var o, l bytes.Buffer
	err = Run(t.Context(), args, func(name string) string { return env[name] }, &o, &l)
	return o.String(), l.String(), err
}
