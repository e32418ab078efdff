package policy

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMeasureCountsWhatADocumentUnfoldsTo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query string
		want        Measure
	}{
		{"one field", "{a}", Measure{Depth: 1, Fields: 1, RootFields: 1}},
		{"fields inside each other", "{a{b c{d}}}", Measure{Depth: 3, Fields: 4, RootFields: 1}},
		{"a name of its own is an alias", "{x:a y:b{z:c} b:b}", Measure{Depth: 2, Fields: 4, RootFields: 3, Aliases: 3}},
		{"a fragment counts each time", "{...f ...f} fragment f on Q{x:a b{c}}", Measure{Depth: 2, Fields: 6, RootFields: 4, Aliases: 2, Comparisons: 20}},
		{"an inline fragment is no level", "{a ...{b ... on Q{c}}}", Measure{Depth: 1, Fields: 3, RootFields: 3}},
		{"of several operations the greatest", "query A{a b c} query B{a{b{c}}}", Measure{Depth: 3, Fields: 3, RootFields: 3}},
		{"a fragment that nobody spreads", "{a} fragment f on Q{b{c{d}}}", Measure{Depth: 3, Fields: 3, RootFields: 1}},
		{"of two fragments of one name both", "{...f} fragment f on Q{a} fragment f on Q{b{c}}", Measure{Depth: 2, Fields: 2, RootFields: 1}},
		{"a cycle ends", "{...f} fragment f on Q{a{...f}}", Measure{Depth: 1, Fields: 1, RootFields: 1}},
		{"no such fragment", "{...f}", Measure{}},
		{
			"directives wherever they are", "query($v:I @a)@a{a@a@b ...@a{b} ...f@a} fragment f on Q@a{c@a}",
			Measure{Depth: 1, Fields: 3, RootFields: 3, Directives: 8},
		},
		{"fields of one name are compared in pairs", "{a a a a b b}", Measure{Depth: 1, Fields: 6, RootFields: 6, Comparisons: 6 + 1}},
		{"beyond inline fragments too", "{a ...{a}}", Measure{Depth: 1, Fields: 2, RootFields: 2, Comparisons: 1}},
		{"but not on another level", "{a{b} c{b}}", Measure{Depth: 2, Fields: 4, RootFields: 2}},
		{"lists of the schema", "{__schema{types{fields{args{name}}}}}", Measure{Depth: 5, Fields: 5, RootFields: 1, Introspection: 3, Schemas: 1}},
		{"through fragments", `{__type(name:"A"){...f}} fragment f on __Type{fields{type{fields{type{fields{type{fields{name}}}}}}}}`, Measure{Depth: 9, Fields: 9, RootFields: 1, Introspection: 4, Types: 1}},
		{
			"the schema through fragments", `{...f a:__schema{...{types{name}}}} fragment f on Q{...g ...g ... {__type(name:"A"){name}}} fragment g on Q{__schema{types{name}}}`,
			Measure{Depth: 3, Fields: 11, RootFields: 4, Aliases: 1, Comparisons: 20, Introspection: 1, Schemas: 3, Types: 1},
		},
		{"the schema in each operation", `query A{__schema{types{name}}} query B{__schema{types{name}}}`, Measure{Depth: 3, Fields: 3, RootFields: 1, Introspection: 1, Schemas: 1}},
		{"what only has the name of one", "{types{fields{args{types}}}}", Measure{Depth: 4, Fields: 4, RootFields: 1}},
		{"numbers stop", fragmentBomb(70), Measure{Depth: 2, Fields: math.MaxInt32, RootFields: math.MaxInt32, Comparisons: 70 * 20}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, MeasureOf(parseQuery(t, tt.query))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.query, diff)
			}
		})
	}
}

func TestEachLimitIsHeldOrOnlyMeasured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limits Limits
		query  string // past the limit by one, and within what always holds
		code   string
		value  int
	}{
		LimitDepth:         {Limits{Depth: 2}, "{a{b{c}}}", CodeTooDeep, 3},
		LimitAliases:       {Limits{Aliases: 1}, "{x:a y:a}", CodeTooLarge, 2},
		LimitRootFields:    {Limits{RootFields: 2}, "{a b c}", CodeTooLarge, 3},
		LimitFields:        {Limits{Fields: 3}, "{...f a} fragment f on Q{a{b c}}", CodeTooLarge, 4},
		LimitComparisons:   {Limits{Comparisons: 2}, "{a a a}", CodeTooLarge, 3},
		LimitDirectives:    {Limits{Directives: 1}, "{a@b@c}", CodeTooLarge, 2},
		LimitIntrospection: {Limits{}, "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}", CodeTooDeep, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := parseQuery(t, c.query)
			over, err := c.limits.CheckDocument(doc)
			checkLimit(t, err, c.code, "limits."+name, c.value)
			if over != nil {
				t.Errorf("refused, and %v are past", over)
			}
			c.limits.Measure = []string{name}
			if over, err = c.limits.CheckDocument(doc); err != nil || len(over) != 1 || over[0] != name {
				t.Errorf("only measured: %v, %v", over, err)
			}
		})
	}
	_, err := Limits{Cost: 10}.CheckCost(11)
	checkLimit(t, err, CodeTooCostly, "limits.cost", 11)
	past := false
	if past, err = (Limits{Cost: 10, Measure: []string{LimitCost}}).CheckCost(11); err != nil || !past {
		t.Errorf("cost that is only measured: %v, %v", past, err)
	}
	if past, err = (Limits{Cost: 10}).CheckCost(10); err != nil || past {
		t.Errorf("cost at the limit: %v, %v", past, err)
	}
}

func TestWhatIsOnlyMeasuredHasABoundAllTheSame(t *testing.T) {
	t.Parallel()
	limits := Limits{Measure: []string{LimitDepth, LimitAliases, LimitFields}}
	for query, limit := range map[string]string{
		nested(51): "limits.depth", "{x{" + fields(1001, "a%d:b ") + "}}": "limits.aliases", fragmentBomb(20): "limits.fields",
	} {
		_, err := limits.CheckDocument(parseQuery(t, query))
		if err == nil || !strings.Contains(err.Error(), limit) {
			t.Errorf("%.30s: %v, want %s", query, err, limit)
		}
	}
}
