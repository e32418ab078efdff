package config

import (
	"fmt"
	"time"
)

// Introspection is how the provider is asked about opaque access tokens (RFC 7662).
type Introspection struct {
	// ClientID and ClientSecret are this server's at the provider.
	// Keys: clientID, clientSecretFile, clientSecretEnv.
	ClientID     string
	ClientSecret Secret
	// CacheFor is how long an answer is remembered, 0 to 30 seconds. Key: cacheFor. Default: 30s.
	CacheFor time.Duration
}

// maxCacheFor is the longest that an answer may be remembered.
const maxCacheFor = 30 * time.Second

func (r *reader) introspection(o *object, n *Introspection) {
	n.CacheFor = maxCacheFor
	o.text("clientID", &n.ClientID)
	r.secret(o, "clientSecret", &n.ClientSecret)
	o.duration("cacheFor", &n.CacheFor)
	switch { // without a client there would be no introspection, though somebody wants it
	case !o.has("clientID") || n.ClientID == "":
		r.problem(o.at("clientID"), "", "is missing", "name the client of this server at the provider, or take introspection out")
	case n.ClientSecret == "" && !r.bad[o.at("clientSecretFile")]:
		r.problem(o.at("clientSecretFile"), "", "is missing", "name the file that holds the secret of the client")
	}
	o.done()
}

// introspections checks that an opaque token belongs to one issuer: it does not say whose it is.
func (v *checker) introspections(c *Config) {
	first := -1
	for i := range c.OIDC {
		n := &c.OIDC[i].Introspection
		if n.ClientID == "" {
			continue
		}
		path := fmt.Sprintf("oidc[%d].introspection", i)
		within(v, path+".cacheFor", n.CacheFor, 0, maxCacheFor)
		if first >= 0 {
			v.problem(path, "", fmt.Sprintf("is set for oidc[%d] too, and an opaque token does not say whose it is", first), "keep one of the two")
			continue
		}
		first = i
	}
}
