package policy

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// fragmentBomb is a document of n fragments, each of which spreads the next one twice: unfolded,
// 2^n fields.
func fragmentBomb(n int) string {
	var b strings.Builder
	b.WriteString("{...f0}")
	for i := range n {
		fmt.Fprintf(&b, "fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "fragment f%d on Query{site{id}}", n)
	return b.String()
}

// nested is a document n fields deep.
func nested(n int) string { return strings.Repeat("{a", n) + strings.Repeat("}", n) }

func TestCheckSourceHoldsSizeAndTokens(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		limits Limits
		query  string
		limit  string // of the error; empty for none
		value  int
	}{
		{"empty", Limits{}, "", "", 0},
		{"bytes at the limit", Limits{DocumentBytes: 9}, "{ aaaaa }", "", 0},
		{"bytes past it", Limits{DocumentBytes: 8}, "{ aaaaa }", "limits.documentBytes", 9},
		{"bytes, not characters", Limits{DocumentBytes: 4}, `"éé"`, "limits.documentBytes", 6},
		{"default bytes", Limits{}, strings.Repeat(" ", 100_001), "limits.documentBytes", 100_001},
		{"spaces and commas are no tokens", Limits{Tokens: 3}, "{ a ,,, , }\n\n", "", 0},
		{"tokens at the limit", Limits{Tokens: 5}, "{a b c}", "", 0},
		{"tokens past it", Limits{Tokens: 4}, "{a b c}", "limits.tokens", 5},
		{"counting ends at the limit", Limits{Tokens: 4}, "{a b c d e f g h}", "limits.tokens", 5},
		{"comments count", Limits{Tokens: 3}, "#\n#\n{a}", "limits.tokens", 4},
		{"a string is one token", Limits{Tokens: 6}, `{a(b:"` + strings.Repeat("x ", 1000) + `")}`, "limits.tokens", 7},
		{"default tokens", Limits{}, strings.Repeat("a ", 2001), "limits.tokens", 2001},
		{"3,000 equal fields", Limits{}, "{" + strings.Repeat("a ", 3000) + "}", "limits.tokens", 2001},
		{"10,000 directives", Limits{}, "{a " + strings.Repeat("@b", 10_000) + "}", "limits.tokens", 2001},
		{"no token is the parser's to refuse", Limits{}, "{a ? b}", "", 0},
		{"open string likewise", Limits{}, `{a(b:"`, "", 0},
		{"negative is the default", Limits{DocumentBytes: -1, Tokens: -1}, "{a b c}", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.limits.CheckSource(tt.query)
			checkLimit(t, err, CodeTooLarge, tt.limit, tt.value)
		})
	}
}

// checkLimit fails unless err is of the code, limit and value; an empty limit wants no error.
func checkLimit(t *testing.T, err error, code, limit string, value int) {
	t.Helper()
	if limit == "" {
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		return
	}
	var limitErr *LimitError
	if !errors.As(err, &limitErr) {
		t.Fatalf("error %v, want one about %s", err, limit)
	}
	if limitErr.Code != code || limitErr.Limit != limit || limitErr.Value != value {
		t.Errorf("error %+v, want %s of %s with %d", limitErr, code, limit, value)
	}
	text := limitErr.Error()
	if !strings.Contains(text, limit) || !strings.Contains(text, fmt.Sprint(limitErr.Max)) {
		t.Errorf("%q does not say limit and value", text)
	}
}

func TestCheckDocumentCountsDepth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		max   int
		query string
		want  int // depth that is refused; 0 for none
	}{
		{"at the limit", 3, "{a{b{c}}}", 0},
		{"past it", 2, "{a{b{c}}}", 3},
		{"default at the limit", 0, nested(20), 0},
		{"default past it", 0, nested(21), 21},
		{"the deepest counts", 2, "{a b{c{d}} e{f}}", 3},
		{"inline fragments add nothing", 2, "{a{... on A{... on B{b}}}}", 0},
		{"fragments add nothing", 2, "{a{...f}} fragment f on A{b}", 0},
		{"fields in fragments count where they are spread", 2, "{a{...f}} fragment f on A{b{c}}", 3},
		{"the second spread may be the deeper one", 3, "{...f a{b{...f}}} fragment f on A{c{d}}", 4},
		{"every operation counts", 1, "query A{a} query B{a{b}}", 2},
		{"a fragment that nobody spreads counts", 1, "{a} fragment f on A{b{c}}", 2},
		{"introspection counts", 2, "{__schema{types{fields}}}", 3},
		{"an unknown fragment is nothing", 1, "{a ...f}", 0},
		{"a cycle of one", 2, "{a{...f}} fragment f on A{b ...f}", 0},
		{"a cycle of two", 4, "{...f} fragment f on A{a{...g}} fragment g on A{b{...f}}", 0},
		{"a deep cycle", 2, "{...f} fragment f on A{a{b{c{...f}}}}", 3},
		{"the first of two fragments of one name is spread", 2, "{a{...f}} fragment f on A{b} fragment f on A{b{c}}", 0},
		{"the other counts for itself", 2, "{a{...f}} fragment f on A{b} fragment f on A{b{c{d}}}", 3},
		{"fragments that unfold to 2^70 fields", 1, fragmentBomb(70), 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			limit := ""
			if tt.want > 0 {
				limit = "limits.depth"
			}
			_, err := Limits{Depth: tt.max}.CheckDocument(parseQuery(t, tt.query))
			checkLimit(t, err, CodeTooDeep, limit, tt.want)
		})
	}
}

// introspectionQuery is what GraphiQL asks before anything else, written by hand: it must pass
// under the defaults.
const introspectionQuery = `query IntrospectionQuery {
  __schema {
    description
    queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) {
    name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type {
  kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}`

func TestDefaultLimitsLetIntrospectionPass(t *testing.T) {
	t.Parallel()
	limits := Limits{}
	if over, err := limits.CheckSource(introspectionQuery); err != nil || over != nil {
		t.Error(over, err)
	}
	doc := parseQuery(t, introspectionQuery)
	if over, err := limits.CheckDocument(doc); err != nil || over != nil {
		t.Error(over, err)
	}
	if errs := testView(t, goldenRoles[0]).Validate(doc); len(errs) > 0 {
		t.Error(errs)
	}
}
