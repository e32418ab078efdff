package deployment_test

import (
	"testing"

	"vitrine/internal/deployment"
)

func TestCloudIsKnownByItsDomain(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://10ax.online.tableau.com":             true,
		"https://10ax.online.tableau.com/":            true,
		"https://10AX.Online.Tableau.com:443/api":     true,
		"https://tableau.example.com":                 false,
		"https://online.tableau.com":                  false,
		"https://10ax.online.tableau.com.example.com": false,
		"https://example.com/10ax.online.tableau.com": false,
		"https://xonline.tableau.com":                 false,
		"10ax.online.tableau.com":                     false, // no address
		"":                                            false,
		"https://\x00":                                false,
	} {
		if got := deployment.IsCloud(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}
