package problem

import (
	"strings"
	"testing"
)

func TestMediaTypesFollowWeightsAndExactness(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ accept, want string }{
		{"", MediaJSON},
		{"*/*", MediaJSON},
		{"application/json", MediaJSON},
		{"application/graphql-response+json", MediaGraphQL},
		{"application/graphql-response+json, application/json;q=0.9", MediaGraphQL},
		{"application/graphql-response+json;q=0.8, application/json", MediaJSON},
		{"application/json, application/graphql-response+json", MediaGraphQL},
		{"application/*", MediaGraphQL},
		{"text/html, */*;q=0.1", MediaJSON},
		{"application/json; charset=utf-8", MediaJSON},
		{"APPLICATION/JSON", MediaJSON},
		{"application/json;q=0, */*", MediaGraphQL},
		{"application/graphql-response+json;q=0, application/*", MediaJSON},
		{"application/*;q=0, application/json;q=0.001", MediaJSON},
		{"*/*;q=0", ""},
		{"text/html", ""},
		{"application/json;q=0", ""},
		{"application/json;q=0.000", ""},
		{"application/json;q=2", ""},
		{"application/json;q=NaN, text/html", ""},
		{"application/json;q=1e0", ""},
		{"application/json;q=-1", ""},
		{"json", ""},
		{strings.Repeat("text/html,", 1000) + "application/json", MediaJSON},
	} {
		media, acceptable := MediaType([]string{c.accept})
		if want := c.want; acceptable != (want != "") || want != "" && media != want {
			t.Errorf("%.80s: %s %t, want %q", c.accept, media, acceptable, want)
		}
	}
	if media, ok := MediaType([]string{"text/html", "application/graphql-response+json"}); !ok || media != MediaGraphQL {
		t.Errorf("two headers: %s %t", media, ok)
	}
}

// Refusals are sent to clients that accept neither type too: as application/json.
func TestRefusalIsTypedByAccept(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"": MediaJSON, "*/*": MediaJSON, "application/json": MediaJSON, "text/html": MediaJSON, ";;": MediaJSON,
		"application/graphql-response+json":                               MediaGraphQL,
		"Application/GraphQL-Response+JSON; charset=utf-8":                MediaGraphQL,
		"application/graphql-response+json;q=0":                           MediaJSON,
		"application/graphql-response+json;q=0.9, application/json;q=0.1": MediaGraphQL,
		"application/json, application/graphql-response+json":             MediaGraphQL,
	}
	for accept, want := range tests {
		if got, _ := MediaType([]string{accept}); got != want {
			t.Errorf("Accept %q: got %s, want %s", accept, got, want)
		}
	}
}
