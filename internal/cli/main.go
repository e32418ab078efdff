package cli

import (
	"context"
	"fmt"
	"os"
)

// Main runs the command that the arguments of this process name, until it is done or a signal ends
// it, and returns the exit status.
func Main() int {
	ctx, stop := stopSignals(context.Background())
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, misspelled(os.Environ()), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "vitrine:", err)
		return 1
	}
	return 0
}
