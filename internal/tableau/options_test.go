package tableau

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func asked(t *testing.T, o *ViewOptions) map[string]string {
	t.Helper()
	q, err := o.query()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for name, values := range q {
		all[name] = strings.Join(values, "|")
	}
	return all
}

func TestProductWritesEveryCombinationOut(t *testing.T) {
	t.Parallel()
	got := asked(t, &ViewOptions{Combine: Product, Filters: []*ViewFieldFilter{{"Region", []string{"West", "East"}}, {"Year", []string{"2025", "2026", "2027"}}}})
	if got["vf_Region"] != "West,West,West,East,East,East" || got["vf_Year"] != "2025,2026,2027,2025,2026,2027" {
		t.Error(got)
	}
}

// Pairs that are written out are all combinations, each once.
func TestProductIsAProduct(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		o := &ViewOptions{Combine: Product}
		want := 1
		for _, field := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3, rapid.ID).Draw(rt, "fields") {
			values := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,3}`), 1, 6, rapid.ID).Draw(rt, field)
			o.Filters = append(o.Filters, &ViewFieldFilter{field, values})
			want *= len(values)
		}
		q, err := o.query()
		if err != nil {
			rt.Fatal(err)
		}
		rows := make([]string, want)
		for _, f := range o.Filters {
			values := strings.Split(q.Get("vf_"+f.Field), ",")
			if len(o.Filters) > 1 && len(values) != want {
				rt.Fatalf("%d values, want %d", len(values), want)
			}
			for i, v := range values {
				rows[i] += "," + v
			}
		}
		slices.Sort(rows)
		if len(slices.Compact(rows)) != want {
			rt.Fatalf("%v", rows)
		}
	})
}

func TestStatesThatCannotBeAskedAreRefused(t *testing.T) {
	t.Parallel()
	many := func(n int) (values []string) {
		for range n {
			values = append(values, "x")
		}
		return values
	}
	long := strings.Repeat("y", 900)
	for name, o := range map[string]*ViewOptions{
		"too many values":       {Filters: []*ViewFieldFilter{{"a", many(501)}}},
		"too many combinations": {Combine: Product, Filters: []*ViewFieldFilter{{"a", many(30)}, {"b", many(30)}}},
		"no field":              {Filters: []*ViewFieldFilter{{"", []string{"x"}}}},
		"an empty value":        {Filters: []*ViewFieldFilter{{"a", []string{""}}}},
		"a control character":   {Filters: []*ViewFieldFilter{{"a", []string{"x\ny"}}}},
		"a parameter twice":     {Parameters: []*ViewParameter{{"a", "1"}, {"a", "2"}}},
		"too long an address":   {Filters: []*ViewFieldFilter{{"a", slices.Repeat([]string{long}, 40)}}},
		"a value too long":      {Filters: []*ViewFieldFilter{{"a", []string{long + long}}}},
	} {
		var bad *InputError
		if _, err := o.query(); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var fields []*ViewFieldFilter
	for i := range 21 {
		fields = append(fields, &ViewFieldFilter{strings.Repeat("f", i+1), []string{"x"}})
	}
	if _, err := (&ViewOptions{Filters: fields}).query(); err == nil {
		t.Error("21 fields were taken")
	}
}
