package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version and commit are set by the build: -ldflags "-X main.version=1.2.3 -X main.commit=…". The Makefile sets the commit.
var (
	version = "development"
	commit  = ""
)

func (c *command) version(_ context.Context, args []string) error {
	if err := c.parse(args); err != nil {
		return err
	}
	info, _ := debug.ReadBuildInfo()
	_, err := fmt.Fprintf(c.out, "vitrine %s\ncommit  %s\ngo      %s\n", version, commitOf(commit, info), runtime.Version())
	return err
}

// commitOf is the commit that was stamped by the build, otherwise what Go recorded of the repository; "unknown" only without both.
func commitOf(stamped string, info *debug.BuildInfo) string {
	if stamped != "" {
		return stamped
	}
	revision, modified := "", ""
	if info != nil {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = " (with changes)"
			}
		}
	}
	if revision == "" {
		return "unknown"
	}
	return revision + modified
}
