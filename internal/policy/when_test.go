package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConditionsHoldForExactlyThoseTheyName(t *testing.T) {
	t.Parallel()
	caller := Caller{
		Groups: []string{"analysts", "staff"}, Scopes: []string{"openid", "vitrine.read"}, Client: "portal",
		Claims: map[string][]string{"department": {"Sales"}, "regions": {"emea", "apac"}, "level": {"3"}, "none": {}},
	}
	tests := []struct {
		name  string
		when  When
		unmet string // part of the reason; empty where the condition holds
	}{
		{"everyone", When{}, ""},
		{"group", When{Group: "staff"}, ""},
		{"another group", When{Group: "Staff"}, `the groups do not hold "Staff"`},
		{"scope", When{Scope: "vitrine.read"}, ""},
		{"part of a scope", When{Scope: "vitrine"}, `the scopes do not hold "vitrine"`},
		{"client", When{Client: "portal"}, ""},
		{"another client", When{Client: "porta"}, `the client is not "porta"`},
		{"claim", When{Claim: "department", Equals: "Sales"}, ""},
		{"another value", When{Claim: "department", Equals: "sales"}, `the claim "department" is not "sales"`},
		{"one of several is not all", When{Claim: "regions", Equals: "emea"}, `the claim "regions" is not "emea"`},
		{"one of several", When{Claim: "regions", Contains: "apac"}, ""},
		{"none of several", When{Claim: "regions", Contains: "apa"}, `the claim "regions" does not hold "apa"`},
		{"one value holds itself", When{Claim: "department", Contains: "Sales"}, ""},
		{"a number as it is written", When{Claim: "level", Equals: "3"}, ""},
		{"an empty list", When{Claim: "none", Equals: "x"}, `the claim "none" is not "x"`},
		{"no such claim", When{Claim: "country", Equals: "x"}, `there is no claim "country"`},
		{"all that is set", When{Group: "staff", Scope: "openid", Client: "portal", Claim: "regions", Contains: "emea"}, ""},
		{"all but one", When{Group: "staff", Scope: "openid", Client: "portal", Claim: "regions", Contains: "latam"}, "latam"},
	}
	for _, tt := range tests {
		got := tt.when.unmet(caller)
		if (got == "") != (tt.unmet == "") || !strings.Contains(got, tt.unmet) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.unmet)
		}
		if strings.Contains(got, "Sales") {
			t.Errorf("%s: %q contains a value of the claims", tt.name, got)
		}
		if tt.when != (When{}) && tt.when.unmet(Caller{}) == "" {
			t.Errorf("%s: it holds for somebody of whom nothing is known", tt.name)
		}
	}
}

func TestExplainGoesThroughTheRolesInTheirOrder(t *testing.T) {
	t.Parallel()
	p := testPolicy(t, goldenRoles...)
	var got []string
	for _, v := range p.Explain(Caller{Groups: []string{"bi-analysts"}}) {
		got = append(got, v.Role.Name+": "+v.Role.When.String()+": "+v.Unmet)
	}
	want := []string{
		"everyone: everyone: ", "viewers: everyone: ", `analysts: group "bi-analysts": `,
		`operators: group "bi-admins": the groups do not hold "bi-admins"`,
		`downloads: group "bi-admins": the groups do not hold "bi-admins"`,
		`all: group "bi-admins": the groups do not hold "bi-admins"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatRolesNameAddsUp(t *testing.T) {
	t.Parallel()
	p := testPolicy(t,
		Role{Name: "everyone", Allow: []string{"CATALOG"}},
		Role{Name: "sales", Sites: []string{"sales", ""}, Limits: RoleLimits{First: 200}},
		Role{Name: "finance", Sites: []string{"finance", ""}, Limits: RoleLimits{First: 50, Rows: 1000}},
		Role{Name: "quiet", NoIntrospection: true},
	)
	for _, tt := range []struct {
		roles         []string
		sites         []string
		limits        RoleLimits
		introspection bool
	}{
		{[]string{"everyone"}, nil, RoleLimits{}, true},
		{[]string{"everyone", "finance"}, []string{"finance", ""}, RoleLimits{50, 1000}, true},
		{[]string{"everyone", "finance", "sales"}, []string{"sales", "", "finance"}, RoleLimits{200, 1000}, true},
		{[]string{"everyone", "quiet", "sales"}, []string{"sales", ""}, RoleLimits{First: 200}, false},
	} {
		v, err := p.View(tt.roles)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.sites, v.Sites); diff != "" {
			t.Errorf("%v: sites (-want +got):\n%s", tt.roles, diff)
		}
		if v.Limits != tt.limits || v.Introspection != tt.introspection {
			t.Errorf("%v: limits %+v, introspection %v", tt.roles, v.Limits, v.Introspection)
		}
		for site, want := range map[string]bool{"": true, "finance": len(tt.sites) == 0 || tt.sites[len(tt.sites)-1] == "finance" || tt.sites[0] == "finance"} {
			if v.Offers(site) != want {
				t.Errorf("%v: Offers(%q) = %v", tt.roles, site, !want)
			}
		}
	}
}

// TestWithoutIntrospectionMessagesTellNothing asks for what is there in a wrong way, for what the
// role lacks and for what does not exist: the messages are one and the same, and the schema cannot
// be asked for.
func TestWithoutIntrospectionMessagesTellNothing(t *testing.T) {
	t.Parallel()
	v := testView(t, Role{Name: "r", Allow: []string{"CATALOG"}, NoIntrospection: true})
	for _, query := range []string{
		"{__schema{types{name}}}", `{__type(name:"Query"){name}}`, "{site}", "{viewer{nothing}}", "{nothing}", "{site{users{totalCount}}}",
		"{site{workbooks(filter:{nothing:1}){totalCount}}}", "{site{workbooks(orderBy:[{field:NOTHING}]){totalCount}}}",
		"{site{workbook(by:1){id}}}", "query($v:Nothing){site{id @include(if:$v)}}", "{node(id:1){... on Nothing{id}}}",
		"{node(id:1){... on Group{id}}}", "{site{id @nothing}}", "{site{id(a:1)}}", "{site{workbooks(first:NAME){totalCount}}}",
	} {
		errs := v.Validate(parseQuery(t, query))
		if len(errs) == 0 {
			t.Errorf("%s is valid", query)
		}
		for _, err := range errs {
			if err.Message != quietMessage || err.Rule != "" || len(err.Locations) == 0 {
				t.Errorf("%s: %q of rule %q at %v", query, err.Message, err.Rule, err.Locations)
			}
		}
	}
	if errs := v.Validate(parseQuery(t, "{__typename site{__typename id}}")); len(errs) > 0 {
		t.Errorf("__typename, which clients need: %v", errs)
	}
	if v.SDL() == "" || !v.Has("Query.site") {
		t.Error("the schema itself is gone")
	}
}
