package auth

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkVerify measures a token seen before (warm), and one seen for the
// first time (cold), per algorithm.
func BenchmarkVerify(b *testing.B) {
	c := newClock()
	v := newVerifier(b, goodConfig(newProviderFake(rsaPair(), ecPair(), edPair()), c.Now))
	ctx := context.Background()
	verify := func(b *testing.B, raw string) {
		if _, err := v.Verify(ctx, raw); err != nil {
			b.Fatal(err)
		}
	}
	for _, k := range []pair{rsaPair(), ecPair(), edPair()} {
		raw := sign(b, k, goodHeader(k), goodClaims(c.Now()))
		b.Run("warm/"+k.alg, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				verify(b, raw)
			}
		})
		b.Run("cold/"+k.alg, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.tokens = newTokenShards(c.Now)
				verify(b, raw)
			}
		})
	}
	b.Run("refused/issuer", func(b *testing.B) {
		raw := sign(b, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{"iss": "https://evil.example"}))
		for b.Loop() {
			_, _ = v.Verify(ctx, raw)
		}
	})
	b.Run("warm/parallel", func(b *testing.B) {
		raw := make([]string, 256)
		for n := range raw {
			raw[n] = sign(b, edPair(), goodHeader(edPair()), with(goodClaims(c.Now()), dict{"sub": fmt.Sprint(n)}))
		}
		b.RunParallel(func(pb *testing.PB) {
			for n := 0; pb.Next(); n++ {
				if _, err := v.Verify(ctx, raw[n%len(raw)]); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
