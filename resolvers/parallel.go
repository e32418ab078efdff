package resolvers

import (
	"context"
	"sync"

	"vitrine/internal/graphqlhttp"
)

// inParallel runs work for 0 to n-1, each in a goroutine of its own, and returns the errors. gqlgen
// recovers panics in its own goroutines only; a panic in these becomes the error of its index.
func inParallel(ctx context.Context, n int, work func(i int) error) []error {
	failed := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					failed[i] = graphqlhttp.Recovered(ctx, p)
				}
			}()
			failed[i] = work(i)
		})
	}
	wg.Wait()
	return failed
}
