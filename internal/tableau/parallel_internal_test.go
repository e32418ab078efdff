package tableau

import (
	"context"
	"strings"
	"testing"
)

// Work runs in goroutines that nobody is above: a panic there would end the process.
func TestPanicOfParallelWorkIsItsError(t *testing.T) {
	t.Parallel()
	err := inParallel(t.Context(), 3, func(_ context.Context, i int) error {
		if i == 1 {
			panic("the token is hunter2")
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "panic of type string") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
