package policy

import (
	"fmt"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/validator/rules"
	"pgregory.net/rapid"
)

// TestPropertyCirclesAreWhatTheRuleRefuses compares spreadsItself with the rule of the library, on
// documents whose fragments spread each other at random.
func TestPropertyCirclesAreWhatTheRuleRefuses(t *testing.T) {
	t.Parallel()
	v := testView(t, goldenRoles[0])
	rapid.Check(t, func(r *rapid.T) {
		fragments := rapid.IntRange(1, 5).Draw(r, "fragments")
		query := "{...f0}"
		for i := range fragments {
			query += fmt.Sprintf(" fragment f%d on Query{viewer{endsAt}", i)
			for range rapid.IntRange(0, 2).Draw(r, "spreads") {
				form := rapid.SampledFrom([]string{"...f%d ", "...{...f%d} ", "viewer{...f%d} "}).Draw(r, "form")
				query += fmt.Sprintf(form, rapid.IntRange(0, fragments).Draw(r, "target")) // the last does not exist
			}
			query += "}"
		}
		doc := parseQuery(t, query)
		isCircle := func(rule string) bool { return rule == rules.NoFragmentCyclesRule.Name }
		var names []string
		for _, err := range v.Validate(doc) {
			names = append(names, err.Rule)
		}
		if spreadsItself(doc) != slices.ContainsFunc(names, isCircle) {
			r.Fatalf("spreadsItself is %t, the rules that refuse are %v: %s", spreadsItself(doc), names, query)
		}
		if spreadsItself(doc) && slices.ContainsFunc(names, func(rule string) bool { return !isCircle(rule) }) {
			r.Fatalf("other rules ran over a circle: %v", names)
		}
	})
}
