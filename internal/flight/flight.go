// Package flight shares one piece of work among all who ask for it at the same time.
package flight

import (
	"context"

	"golang.org/x/sync/singleflight"

	"vitrine/internal/parallel"
)

// Group shares pieces of work by key. The zero Group is ready for use.
type Group[V any] struct {
	calls singleflight.Group
}

// Do returns the result of work. The first caller of a key starts it, in a goroutine of its own, so
// that no caller depends on another's patience; all who call meanwhile get its result. A caller
// whose context ends leaves with the context's error. A panic of the work is its error.
func (g *Group[V]) Do(ctx context.Context, key string, work func() (V, error)) (V, error) {
	done := g.calls.DoChan(key, func() (v any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = parallel.Panic(p)
			}
		}()
		return work()
	})
	select {
	case r := <-done:
		v, _ := r.Val.(V)
		return v, r.Err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}
