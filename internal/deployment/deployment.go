// Package deployment distinguishes Tableau Cloud from Tableau Server.
package deployment

import (
	"net/url"
	"strings"
)

// cloudDomain is the domain of the pods of Tableau Cloud.
const cloudDomain = ".online.tableau.com"

// IsCloud reports whether an address is that of a pod of Tableau Cloud. Only the address shows it:
// serverinfo does not.
func IsCloud(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.HasSuffix(strings.ToLower(u.Hostname()), cloudDomain)
}
