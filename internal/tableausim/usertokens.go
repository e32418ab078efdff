package tableausim

import (
	"time"

	"vitrine/internal/tableausim/wire"
)

// userToken is what lists show of a personal access token on Cloud.
type userToken struct {
	id, name               string
	created, used, expires time.Time
}

// userTokens are the tokens of a person: most have none, some one or two.
func userTokens(u *user) []userToken {
	n := seed("tokens", u.name)
	var out []userToken
	for i, name := range []string{"notebook", "nightly export"}[:n%3%3] {
		created := epoch.AddDate(0, -3+i, int(n>>8%20))
		out = append(out, userToken{
			id: luid(u.id, "token", name), name: name, created: created, used: created.AddDate(0, 1, int(n>>16%9)), expires: created.AddDate(1, 0, 0),
		})
	}
	return out
}

// listUserTokens is GET users/{id}/personal-access-tokens, on Cloud: one's own, or anybody's for
// administrators. Secrets are shown once, when a token is made, and never again.
func listUserTokens(c *call) (*answer, error) {
	if !c.s.cfg.Cloud {
		return nil, errUnknownResource(c.r.URL.Path)
	}
	u, err := pathUser(c, "404002")
	if err != nil {
		return nil, err
	}
	return found(wire.Contain("personalAccessTokens", userTokens(u), func(t userToken) *wire.Element {
		e := wire.New("personalAccessToken", wire.Str("tokenName", t.name), wire.Str("tokenGuid", t.id))
		e.When("createdAt", t.created)
		e.When("lastUsedAt", t.used)
		e.When("expiresAt", t.expires)
		return e
	}))
}
