package version_test

import (
	"runtime/debug"
	"testing"

	"vitrine/internal/version"
)

func TestVersionIsTheStampedOneOrTheModules(t *testing.T) {
	t.Parallel()
	installed := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}
	checkout := &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}
	for _, c := range []struct {
		stamped string
		info    *debug.BuildInfo
		want    string
	}{
		{"1.2.4", installed, "1.2.4"},
		{version.Version, installed, "v1.2.3"},
		{version.Version, checkout, "development"},
		{version.Version, nil, "development"},
	} {
		if got := version.Of(c.stamped, c.info); got != c.want {
			t.Errorf("%q, %v: got %q, want %q", c.stamped, c.info, got, c.want)
		}
	}
}
