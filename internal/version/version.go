// Package version holds what the build stamps into the program.
package version

import (
	"runtime/debug"
)

// unstamped is the version of a build that nothing was stamped into.
const unstamped = "development"

// Version and Commit are set by the build: -ldflags "-X vitrine/internal/version.Version=1.2.3 -X
// vitrine/internal/version.Commit=…". The Makefile sets the commit.
var (
	Version = unstamped
	Commit  = ""
)

// Of is the version that was stamped by the build, otherwise the version of the module, which go
// install records.
func Of(stamped string, info *debug.BuildInfo) string {
	if stamped != unstamped || info == nil || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return stamped
	}
	return info.Main.Version
}

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
