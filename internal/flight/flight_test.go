package flight_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"vitrine/internal/flight"
)

func TestCallersShareWorkAndMayLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g flight.Group[int]
		release, runs := make(chan struct{}), 0
		work := func() (int, error) {
			runs++
			<-release
			return 7, nil
		}
		impatient, leave := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, err := g.Do(impatient, "a", work)
			left <- err
		}()
		synctest.Wait()
		got := make(chan int, 2)
		for range 2 {
			go func() {
				v, err := g.Do(t.Context(), "a", work)
				if err != nil {
					t.Error(err)
				}
				got <- v
			}()
		}
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("the first caller left with %v", err)
		}
		close(release)
		if a, b := <-got, <-got; a != 7 || b != 7 || runs != 1 {
			t.Errorf("got %d and %d from %d runs", a, b, runs)
		}
	})
}

func TestFailedWorkIsDoneAgain(t *testing.T) {
	t.Parallel()
	var g flight.Group[string]
	if _, err := g.Do(t.Context(), "a", func() (string, error) { panic("MARKED") }); err == nil ||
		!strings.Contains(err.Error(), "panic of type string") || strings.Contains(err.Error(), "MARKED") {
		t.Errorf("a panic became %v", err)
	}
	if v, err := g.Do(t.Context(), "a", func() (string, error) { return "b", nil }); v != "b" || err != nil {
		t.Errorf("%q, error %v", v, err)
	}
}
