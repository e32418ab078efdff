package draw

import (
	"testing"
	"testing/quick"
)

func TestTextsAreShortenedToTheirWidth(t *testing.T) {
	t.Parallel()
	holds := func(s string, width uint8) bool {
		short := fit(s, float64(width), 8)
		_, w := strokes(short, 8)
		return w <= float64(width) || len([]rune(short)) <= 3
	}
	if err := quick.Check(holds, nil); err != nil {
		t.Error(err)
	}
}
