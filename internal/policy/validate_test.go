package policy

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestValidateCapsErrors(t *testing.T) {
	t.Parallel()
	v := testView(t, goldenRoles[0])
	tests := []struct {
		name, query string
		want        int
	}{
		{"valid", "{site{id}}", 0},
		{"one", "{nothing}", 1},
		{"unknown fields", "{" + fields(500, "f%d ") + "}", 10},
		{"unknown directives", "{site{id " + fields(900, "@d%d ") + "}}", 10},
		{"long names", "{" + strings.Repeat("x", 90_000) + "}", 1},
		{"long text", `{site{workbooks(first:"` + strings.Repeat("é", 40_000) + `"){totalCount}}}`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			errs := v.Validate(parseQuery(t, tt.query))
			if len(errs) != tt.want {
				t.Errorf("%d errors, want %d: %v", len(errs), tt.want, errs)
			}
			for _, err := range errs {
				if len(err.Message) > 300 || !utf8.ValidString(err.Message) || len(err.Locations) > 10 {
					t.Errorf("%d bytes, %d places: %s", len(err.Message), len(err.Locations), err.Message)
				}
			}
		})
	}
}

// fields writes n names that differ.
func fields(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestValidateNeverSuggests(t *testing.T) {
	t.Parallel()
	v := testView(t, goldenRoles[0])
	for _, query := range []string{
		"{sites{id}}", "{site{workbook}}", "{viewer}", "{site{workbooks(filtre:{}){totalCount}}}",
		"fragment f on Workbooc{id} {...f}", "{site{workbooks(filter:{nam:{}}){totalCount}}}",
		"{site{topWorkbooks(by:NAMES){id}}}", `{site{topWorkbooks(by:"NAME"){id}}}`, "{site{workbooks(first:NAME){totalCount}}}",
		"{node(id:1){name}}", "{node(id:1){... on Workbooks{id}}}", "query($a:Strin){site{id}}", "{site{id @skip(iff:true)}}",
	} {
		errs := v.Validate(parseQuery(t, query))
		if len(errs) == 0 {
			t.Errorf("%s is valid", query)
		}
		if text := errs.Error(); strings.Contains(text, "Did you mean") {
			t.Errorf("%s: %s", query, text)
		}
	}
}

// TestDeniedIsLikeMissing asks for what a role lacks and for what does not exist, and wants the
// same words but for the name.
func TestDeniedIsLikeMissing(t *testing.T) {
	t.Parallel()
	v := testView(t, Role{
		Name: "r", Allow: []string{"CATALOG", "OPERATIONS"},
		Deny: []string{"Workbook.sizeMB", "Failure", "User.name", "Moment", "WorkbookLookup.path"},
	})
	tests := []struct{ name, query, denied, missing string }{
		{"field", "{site{workbook(by:{id:1}){%s}}}", "sizeMB", "sizeXX"},
		{"field with a selection", "{site{%s{id}}}", "groups", "groupX"},
		{"field with arguments", "{site{%s(filter:{name:{eq:1}}){id}}}", "users", "userX"},
		{"alias", "{site{id:%s}}", "users", "userX"},
		{"field of what the node may be", "{node(id:1){... on User{%s}}}", "email", "emaiX"},
		{"field of an interface", "{node(id:1){... on Content{%s}}}", "download", "downloaX"},
		{"download", "{node(id:1){... on Workbook{%s}}}", "download", "downloaX"},
		{"argument", `{site{topWorkbooks(%s:SIZE){id}}}`, "by", "bx"},
		{"input field", "{site{workbooks(filter:{%s:{eq:1}}){totalCount}}}", "sizeMB", "sizeXX"},
		{"input field by what it reads", "{site{workbooks(filter:{%s:{eq:1}}){totalCount}}}", "ownerName", "ownerXame"},
		{"key of a look-up", "{site{workbook(by:{%s:1}){id}}}", "path", "patX"},
		{"enum value", "{site{workbooks(orderBy:[{field:%s}]){totalCount}}}", "SIZE", "SIXX"},
		{"enum value as text", "{site{workbooks(orderBy:[{field:\"%s\"}]){totalCount}}}", "SIZE", "SIXX"},
		{"inline fragment", "{node(id:1){... on %s{id}}}", "Group", "GrouX"},
		{"inline fragment of another kind of type", "{node(id:1){... on %s{id}}}", "Moment", "MomenX"},
		{"fragment", "{node(id:1){...f}} fragment f on %s{id}", "Group", "GrouX"},
		{"member of a union", "{site{jobs(orderBy:KIND){outcome{... on %s{reason}}}}}", "Failure", "FailurX"},
		{"variable", "query($v:%s){site{id @include(if:$v)}}", "UserFilter", "UserFilteX"},
		{"variable of a list", "query($v:[%s!]!){site{workbooks(filter:$v){totalCount}}}", "SiteRole", "SiteRolX"},
		{"variable of a type that only our directives have", "query($v:%s){site{id @include(if:$v)}}", "Caller", "CalleX"},
		{"directive of ours", "{site{id @%s(name:ALWAYS)}}", "area", "areX"},
		{"directive that is not served", "{site{... @%s{id}}}", "defer", "defeX"},
		{"operation", "%s{site{id}}", "mutation", "subscription"},
		{"introspection of a type", "{__type(name:\"%s\"){name}}", "Group", "GrouX"},
		{"place of a field", "{site{jobs(orderBy:KIND){target{... on Workbook{%s:%[1]s}}}}}", "sizeMB", "sizeXX"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer := func(name string) []string {
				var texts []string
				for _, err := range v.Validate(parseQuery(t, fmt.Sprintf(tt.query, name))) {
					place := fmt.Sprint(err.Locations)
					texts = append(texts, strings.ReplaceAll(err.Message, name, "NAME")+" "+err.Rule+" "+place)
				}
				return texts
			}
			denied, missing := answer(tt.denied), answer(tt.missing)
			if strings.HasPrefix(tt.name, "operation") {
				denied[0] = strings.ReplaceAll(denied[0], "Mutation", "NAME")
				missing[0] = strings.ReplaceAll(missing[0], "Subscription", "NAME")
			}
			if diff := cmp.Diff(missing, denied); diff != "" {
				t.Errorf("-missing +denied:\n%s", diff)
			}
			if len(denied) == 0 && !strings.HasPrefix(tt.name, "introspection") {
				t.Error("it is valid")
			}
		})
	}
}

func TestValidateSeesNoMutationAndNoSubscription(t *testing.T) {
	t.Parallel()
	v := testView(t, goldenRoles[len(goldenRoles)-1])
	for _, query := range []string{"mutation{x}", "subscription{x}", "mutation{__typename}", "subscription{__typename}"} {
		if errs := v.Validate(parseQuery(t, query)); len(errs) == 0 {
			t.Errorf("%s is valid", query)
		}
	}
}

func BenchmarkView(b *testing.B) {
	p := testPolicy(b, goldenRoles...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.prune(p.rules["all"], true); err != nil {
			b.Fatal(err)
		}
	}
}
