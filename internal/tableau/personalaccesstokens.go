package tableau

import (
	"cmp"
	"context"

	"vitrine/internal/tableau/rest"
)

// PersonalAccessToken is what Tableau returns of a token that somebody signs in with: never its
// secret.
type PersonalAccessToken struct {
	node
	of         LUID // the user
	LUID       LUID `json:"tokenGuid" xml:"tokenGuid,attr"`
	Name       Text `json:"tokenName" xml:"tokenName,attr"`
	CreatedAt  Time `json:"createdAt" xml:"createdAt,attr"`
	LastUsedAt Time `json:"lastUsedAt" xml:"lastUsedAt,attr"`
	ExpiresAt  Time `json:"expiresAt" xml:"expiresAt,attr"`
}

// ID is an id for client caches. A token without a LUID is known by its name, which is unique to its
// user.
func (t *PersonalAccessToken) ID() string {
	return t.cacheID("PersonalAccessToken", string(t.of), cmp.Or(string(t.LUID), string(t.Name)))
}

type tokensAnswer struct {
	rest.Envelope
	Tokens struct {
		Items []*PersonalAccessToken `json:"personalAccessToken" xml:"personalAccessToken"`
	} `json:"personalAccessTokens" xml:"personalAccessTokens"`
}

// ReadTokens are the user's personal access tokens; others' for administrators of all the user's
// sites. Tableau gives the whole list. GET users/{id}/personal-access-tokens, Tableau Cloud, from
// API 3.21; no JWT covers it.
func (u *User) ReadTokens(ctx context.Context) ([]*PersonalAccessToken, error) {
	r := rest.SiteRead{Template: "users/{id}/personal-access-tokens", Values: []string{string(u.LUID)}}
	a, err := get(ctx, u.s, r, func(a *tokensAnswer) {
		a.Tokens.Items = notNil(a.Tokens.Items)
		for _, t := range a.Tokens.Items {
			t.s, t.of = u.s, u.LUID
		}
	})
	if err != nil {
		return nil, err
	}
	return a.Tokens.Items, nil
}

// notNil drops what answers leave empty in a list, and makes an absent list an empty one.
func notNil[T any](items []*T) []*T {
	kept := make([]*T, 0, len(items))
	for _, item := range items {
		if item != nil {
			kept = append(kept, item)
		}
	}
	return kept
}
