// Package version holds what the build stamps into the program.
package version

import (
	"runtime/debug"
)

// Version and Commit are set by the build: -ldflags "-X vitrine/internal/version.Version=1.2.3 -X
// vitrine/internal/version.Commit=…". The Makefile sets the commit.
var (
	Version = "development"
	Commit  = ""
)

// CommitOf is the commit that was stamped by the build, otherwise what Go recorded of the
// repository; "unknown" only without both.
func CommitOf(stamped string, info *debug.BuildInfo) string {
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
