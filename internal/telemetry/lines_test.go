package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The handler writes, byte for byte, what slog's own does.
func TestLinesAreThoseOfSlog(t *testing.T) {
	t.Parallel()
	values := rapid.OneOf(
		rapid.Map(rapid.String(), slog.StringValue), rapid.Map(rapid.Int64(), slog.Int64Value), rapid.Map(rapid.Uint64(), slog.Uint64Value),
		rapid.Map(rapid.Bool(), slog.BoolValue), rapid.Map(rapid.Float64(), slog.Float64Value),
		rapid.Map(rapid.Int64(), func(n int64) slog.Value { return slog.DurationValue(time.Duration(n)) }),
		rapid.Map(rapid.Int64(), func(n int64) slog.Value { return slog.TimeValue(time.Unix(n%(1<<40), n%1e9)) }),
		rapid.Map(rapid.SliceOf(rapid.String()), func(s []string) slog.Value { return slog.AnyValue(s) }),
		rapid.SampledFrom([]slog.Value{
			slog.AnyValue(nil), slog.AnyValue([]string(nil)), slog.AnyValue(map[string]int{"a": 1}), slog.AnyValue(errors.New("no")), slog.AnyValue([]any{"<", 1}),
			slog.GroupValue(slog.Int("a", 1)), slog.GroupValue(), slog.AnyValue(json.Number("1")), slog.StringValue("\xff\u2028<&>\x7f"), slog.StringValue("\b\f\x00"), slog.AnyValue([]string{"\b\f\x00"}), slog.Float64Value(1e21),
			slog.AnyValue(refusals{{Code: "X"}}), slog.StringValue(""),
		}),
	)
	keys := rapid.OneOf(rapid.SampledFrom([]string{"", "user", "Authorization", "token", "took", "level", "time", "\"", "X-Tableau-Auth", "accessToken", "set-cookie2", "\b\f"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		var ours, theirs bytes.Buffer
		options := &slog.HandlerOptions{ReplaceAttr: rewrite}
		var at time.Time
		if rapid.Bool().Draw(t, "has a time") {
			at = time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))
		}
		r := slog.NewRecord(at, slog.Level(rapid.IntRange(-9, 9).Draw(t, "level")), rapid.String().Draw(t, "message"), 0)
		for range rapid.IntRange(0, 12).Draw(t, "attributes") {
			a := slog.Attr{Key: keys.Draw(t, "key"), Value: values.Draw(t, "value")}
			if a.Value.Kind() == slog.KindGroup && isSecretKey(a.Key) {
				continue // slog shows the members, and ours hides them
			}
			r.AddAttrs(a)
		}
		for range 2 { // the second time with a buffer that was used
			if err := newLines(&ours, options).Handle(t.Context(), r.Clone()); err != nil {
				t.Fatal(err)
			}
			if err := slog.NewJSONHandler(&theirs, options).Handle(t.Context(), r.Clone()); err != nil {
				t.Fatal(err)
			}
		}
		if ours.String() != theirs.String() {
			t.Fatalf("\n%s, want\n%s", &ours, &theirs)
		}
	})
}
