package exec

import (
	"bytes"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"pgregory.net/rapid"
)

// TestStringsAreThoseOfGqlgen compares strings of all bytes with what gqlgen writes.
func TestStringsAreThoseOfGqlgen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := string(rapid.SliceOfN(rapid.OneOf(rapid.ByteRange('a', 'z'), rapid.ByteRange(0, 255), rapid.SampledFrom([]byte("\"\\\n\x7f\x1f"))), 0, 40).Draw(rt, "text"))
		w := NewWriter(nil)
		w.String(text)
		got, err := w.Finish()
		var want bytes.Buffer
		graphql.MarshalString(text).MarshalGQL(&want)
		if err != nil || !bytes.Equal(bytes.Join(got, nil), want.Bytes()) {
			rt.Errorf("%q became %s, with gqlgen %s", text, got, want.Bytes())
		}
	})
}
