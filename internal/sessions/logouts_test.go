package sessions

import (
	"slices"
	"testing"
	"time"

	"vitrine/internal/tableausim"
)

// Each logout leaves a mark, of its person alone, that all replicas see; what was given out before
// lacks it.
func TestLogoutsLeaveMarksInAllReplicas(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 2, tableausim.Config{}, nil)
	marks := func(replica int, name string) []string {
		id := identity(name)
		return f.replicas[replica].Logouts(t.Context(), id)
	}
	var seen []string
	for replica := range f.replicas { // the first logout comes by the one, the second by the other
		if err := f.replicas[replica].Forget(t.Context(), identity("alice"), time.Now()); err != nil {
			t.Fatal(err)
		}
		one, other := marks(0, "alice"), marks(1, "alice")
		if len(one) == 0 || !slices.Equal(one, other) {
			t.Fatalf("the replicas know %v and %v", one, other)
		}
		for _, mark := range one {
			if slices.Contains(seen, mark) {
				t.Errorf("the second logout left the mark of the first")
			}
		}
		seen = append(seen, one...)
	}
	if bobs := marks(1, "bob"); len(bobs) != 0 {
		t.Errorf("bob has the marks %v", bobs)
	}
}

// A replica that is alone remembers logouts by itself, and so does one whose store is away.
func TestLogoutsAreRememberedWithoutAStore(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 1, tableausim.Config{}, nil)
	id := identity("alice")
	if err := f.replicas[0].Forget(t.Context(), id, time.Now()); err != nil {
		t.Fatal(err)
	}
	before := f.replicas[0].Logouts(t.Context(), id)
	f.redis.stop()
	if after := f.replicas[0].Logouts(t.Context(), id); len(before) != 1 || !slices.Equal(before, after) {
		t.Errorf("%v became %v", before, after)
	}
}
