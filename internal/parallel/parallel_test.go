package parallel_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"vitrine/internal/parallel"
)

var errWork = errors.New("work failed")

func TestErrorsAreOfTheirWork(t *testing.T) {
	t.Parallel()
	var ran atomic.Int32
	errs := parallel.Errors(4, func(i int) error {
		ran.Add(1)
		switch i {
		case 1:
			return errWork
		case 2:
			panic("MARKED secret")
		default:
			return nil
		}
	})
	if ran.Load() != 4 || errs[0] != nil || !errors.Is(errs[1], errWork) || errs[3] != nil {
		t.Errorf("%d ran: %v", ran.Load(), errs)
	}
	if errs[2] == nil || strings.Contains(errs[2].Error(), "MARKED") || !strings.Contains(errs[2].Error(), "parallel_test.go") {
		t.Errorf("the panic became %v", errs[2])
	}
	if errs := parallel.Errors(0, nil); len(errs) != 0 {
		t.Errorf("no work: %v", errs)
	}
}

func TestFirstErrorCancelsTheOthers(t *testing.T) {
	t.Parallel()
	for about, fail := range map[string]func() error{
		"error": func() error { return errWork },
		"panic": func() error { panic("MARKED") },
	} {
		err := parallel.Run(t.Context(), 3, func(ctx context.Context, i int) error {
			if i == 0 {
				return fail()
			}
			<-ctx.Done()
			return ctx.Err()
		})
		if about == "error" && !errors.Is(err, errWork) || about == "panic" && (err == nil || !strings.Contains(err.Error(), "panic of type string")) {
			t.Errorf("%s: %v", about, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := parallel.Run(ended, 1, func(ctx context.Context, _ int) error { return ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	if err := parallel.Run(ended, 0, nil); err != nil {
		t.Errorf("no work: %v", err)
	}
}
