package sessions

import (
	"testing"

	"vitrine/internal/tableausim"
)

// BenchmarkAcquire is the way of every read that finds its session: the goal is less than a microsecond without allocations.
func BenchmarkAcquire(b *testing.B) {
	broker := start(b, tableausim.Config{}, nil)
	if err := broker.Access(b.Context(), identity("alice"), ""); err != nil {
		b.Fatal(err)
	}
	s, err := broker.source(identity("alice"), "")
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	b.Run("alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			g, err := s.Acquire(ctx, nil)
			if err != nil {
				b.Fatal(err)
			}
			s.Release(g)
		}
	})
	b.Run("side by side", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			s, err := broker.source(identity("alice"), "")
			if err != nil {
				b.Error(err)
			}
			for pb.Next() {
				g, err := s.Acquire(ctx, nil)
				if err != nil {
					b.Error(err)
				}
				s.Release(g)
			}
		})
	})
}
