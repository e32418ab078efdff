// Package parallel runs pieces of work in goroutines and waits for them.
//
// A panic in a goroutine of its own would end the process, and with it all other requests. Here it
// becomes the error of its piece of work.
package parallel

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// Errors runs work for 0 to n-1 in parallel and returns the error of each.
func Errors(n int, work func(i int) error) []error {
	errs := make([]error, max(n, 0))
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					errs[i] = Panic(v)
				}
			}()
			errs[i] = work(i)
		})
	}
	wg.Wait()
	return errs
}

// Run runs work for 0 to n-1 in parallel and returns the first error, which cancels the context of
// the others.
func Run(ctx context.Context, n int, work func(ctx context.Context, i int) error) error {
	if n <= 0 {
		return nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	Errors(n, func(i int) (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = Panic(v)
			}
			if err != nil {
				cancel(err)
			}
		}()
		return work(ctx, i)
	})
	return context.Cause(ctx)
}

// Panic returns the error of a panic that the caller has recovered. It has what and where, but no
// value that might hold a secret.
func Panic(v any) error {
	what := fmt.Sprintf("panic of type %T", v)
	if fault, ok := v.(runtime.Error); ok {
		what += ": " + fault.Error()
	}
	return fmt.Errorf("%s\n%s", what, debug.Stack())
}
