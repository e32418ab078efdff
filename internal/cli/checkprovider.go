package cli

import (
	"context"
	"fmt"

	"vitrine/auth"
)

// provider asks each OpenID issuer. While one of several works, its people can be served: the
// others are warnings, as they are for serve, which is ready with one.
func (r *report) provider(ctx context.Context, v *auth.Verifier, issuers int) {
	problems := v.Check(ctx)
	for _, err := range problems {
		if len(problems) == issuers {
			r.say("OpenID provider", "", err)
			continue
		}
		r.issuers++
		r.warn("OpenID provider", fmt.Sprintf("%v; people of this issuer are refused until it works", err))
	}
	switch working := issuers - len(problems); {
	case working == 1 && issuers == 1:
		r.say("OpenID provider", "discovery and keys", nil)
	case working > 0:
		r.say("OpenID provider", fmt.Sprintf("discovery and keys of %d of %d issuers", working, issuers), nil)
	}
}
