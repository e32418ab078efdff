package tableau

import (
	"net/http"
	"testing"

	"vitrine/internal/tableau/rest"

	"github.com/google/go-cmp/cmp"
)

// Settings that have no field of their own are not lost, whatever the form; usage is found in both
// of its places.
func TestSettingsLoseNothing(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]reply{
		"JSON": {body: `{"site":{"id":"s","state":"Active","storageQuota":"-1","tagLimit":50,"pulseGroupId":"g-1","easEnabled":true,
			"usage":{"numUsers":"7","storage":12},"siteSettings":[{"key":"a","value":"b"}]}}`},
		"XML": {media: "application/xml", body: `<tsResponse xmlns="http://tableau.com/api"><site id="s" state="Active" storageQuota="-1" tagLimit="50"
			pulseGroupId="g-1" easEnabled="true"><usage numUsers="7" storage="12"/><siteSettings key="a" value="b"/></site></tsResponse>`},
		"old XML": {media: "text/xml", body: `<tsResponse><site id="s" state="Active" tagLimit="50" pulseGroupId="g-1" easEnabled="true"
			numUsers="7" storage="12"><siteSettings key="a" value="b"/></site></tsResponse>`},
	} {
		s := serve(t, func(*http.Request) reply { return answer }).session(t)
		got, err := s.Settings(t.Context(), true)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.State != "Active" || got.StorageQuotaMegabytes().Valid || got.TagLimit != NewInt(50) || got.IsPulseEnabled != Unsaid {
			t.Errorf("%s: %+v", name, got)
		}
		if got.UsageRef == nil || got.UsageRef.UserCount != NewInt(7) || got.UsageRef.StorageMegabytes != NewInt(12) {
			t.Errorf("%s: usage %+v", name, got.UsageRef)
		}
		want := []*rest.NamedValue{{Name: "a", Value: "b"}, {Name: "easEnabled", Value: "true"}, {Name: "pulseGroupId", Value: "g-1"}}
		if diff := cmp.Diff(want, got.Other()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestServerSettingsAreTextInElements(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]reply{
		"XML": {media: "application/xml", body: `<tsResponse><extensionsServerSettings><extensionsGloballyEnabled>true</extensionsGloballyEnabled>
			<blockList>https://test.com</blockList><blockList>https://example.com</blockList></extensionsServerSettings></tsResponse>`},
		"JSON": {body: `{"extensionsServerSettings":{"extensionsGloballyEnabled":"true","blockList":["https://test.com","https://example.com"]}}`},
	} {
		got, err := serve(t, func(*http.Request) reply { return answer }).session(t).ServerExtensions(t.Context())
		if err != nil || got.IsEnabled != Yes {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		if diff := cmp.Diff([]string{"https://test.com", "https://example.com"}, got.BlockList()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	one := reply{body: `{"extensionsServerSettings":{"extensionsGloballyEnabled":false,"blockList":"https://test.com"}}`}
	got, err := serve(t, func(*http.Request) reply { return one }).session(t).ServerExtensions(t.Context())
	if err != nil || got.IsEnabled != No || len(got.BlockList()) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, body := range []string{
		`{"domainList":{"domain":[{"id":"1","name":"local","shortName":"local"},{"name":""},null]}}`, `{"domains":{"domain":[{"name":"local"}]}}`,
	} {
		domains, err := serve(t, func(*http.Request) reply { return reply{body: body} }).session(t).Domains(t.Context())
		if err != nil || len(domains) != 1 || domains[0].Name != "local" {
			t.Errorf("%s: %v, %v", body, domains, err)
		}
	}
	flag, err := serve(t, func(*http.Request) reply { return reply{body: `{"enabled":"true"}`} }).session(t).ServerAnalyticsExtensions(t.Context())
	if err != nil || flag != Yes {
		t.Errorf("%v, %v", flag, err)
	}
}
