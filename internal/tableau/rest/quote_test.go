package rest

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// TestQuotedTextsAreReadBack writes texts of all bytes and reads them back: what is not UTF-8 has
// become U+FFFD.
func TestQuotedTextsAreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := string(rapid.SliceOfN(rapid.OneOf(rapid.ByteRange('a', 'z'), rapid.ByteRange(0, 255), rapid.SampledFrom([]byte("\"\\\n\x7f\x1f")),
			rapid.Just(byte(' '))), 0, 40).Draw(rt, "text"))
		var got string
		if err := json.Unmarshal(AppendQuoted(nil, text), &got); err != nil || got != string([]rune(text)) {
			rt.Errorf("%q became %q, error %v", text, got, err)
		}
	})
}
