package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"vitrine/internal/version"
)

func (c *command) version(_ context.Context, args []string) error {
	if err := c.parse(args); err != nil {
		return err
	}
	info, _ := debug.ReadBuildInfo()
	_, err := fmt.Fprintf(c.out, "vitrine %s\ncommit  %s\ngo      %s\n", version.Of(version.Version, info), version.CommitOf(version.Commit, info), runtime.Version())
	return err
}
