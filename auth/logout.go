package auth

import (
	"context"
	"time"
)

// Logout is what a provider's logout token says (OpenID Connect Back-Channel Logout 1.0, section
// 2.4): who has logged out, or which session at the provider has ended.
type Logout struct {
	Issuer    string
	Subject   string // empty where the token names only a session
	SessionID string // sid; empty where the token names only a subject
	ID        string // jti, unique for the issuer
	IssuedAt  time.Time
}

const (
	logoutType  = "logout+jwt"
	logoutEvent = "http://schemas.openid.net/event/backchannel-logout"
	// logoutAge is how old a logout token may be: providers send it at once, and again after an
	// error.
	logoutAge = 10 * time.Minute
	// maxTokenID bounds jti and sid, in bytes.
	maxTokenID = 256
	// maxLifeWithLogout is for how long a token may be valid where logouts count: a logout is
	// remembered for that long.
	maxLifeWithLogout = 24 * time.Hour
)

// LogoutAge is how long a logout token can be sent again.
const LogoutAge = logoutAge + maxLeeway

// VerifyLogout checks a logout token of an issuer that has LogoutClients (OpenID Connect
// Back-Channel Logout 1.0, section 2.6). Whether it was sent before is for the caller to check. The
// error is always an [*Error].
func (v *Verifier) VerifyLogout(ctx context.Context, raw string) (*Logout, error) {
	t, refusal := parseJWT(raw)
	if refusal != nil {
		return nil, refusal
	}
	i, ok := v.issuers[t.issuer]
	if !ok || len(i.LogoutClients) == 0 {
		return nil, refuse("The logout token comes from an issuer whose logouts are not accepted here.")
	}
	l, refusal := i.admitLogout(t, v.config.Now())
	if refusal != nil {
		return nil, refusal
	}
	if err := i.checkSignature(ctx, t); err != nil {
		return nil, err
	}
	return l, nil
}

// admitLogout checks everything of a logout token but its signature.
func (i *issuer) admitLogout(t *token, now time.Time) (*Logout, *Error) {
	if err := i.admitTimes(t, now); err != nil {
		return nil, err
	}
	t.forUs = named(t, i.LogoutClients)
	switch {
	case t.typ != logoutType && t.typ != "" && t.typ != "jwt": // providers older than the type leave it out
		return nil, refuse("The token is not of the type %s.", logoutType)
	case t.forUs == "":
		return nil, refuse("The logout token is meant for another client (accepted: backchannelLogout.clients of the issuer).")
	case !t.isLogoutEvent():
		return nil, refuse("The token has no event of the kind %s.", logoutEvent)
	case t.has("nonce"):
		return nil, refuse("The logout token has a nonce, which only ID tokens may have.")
	case t.issuedAt.IsZero() || now.Sub(t.issuedAt) > logoutAge+i.Leeway:
		return nil, refuse("The logout token does not say when it was issued, or is older than %s.", logoutAge)
	}
	l := &Logout{Issuer: i.URL, IssuedAt: t.issuedAt}
	for _, c := range []struct {
		name string
		to   *string
		most int
	}{{"sub", &l.Subject, maxSubject}, {"sid", &l.SessionID, maxTokenID}, {"jti", &l.ID, maxTokenID}} {
		value, ok := t.claims[c.name]
		if !ok {
			continue
		}
		text, isText := value.(string)
		if !isText || text == "" || len(text) > c.most || !printable(text) {
			return nil, refuse("The logout token's claim %s is not a short string.", c.name)
		}
		*c.to = text
	}
	if l.ID == "" {
		return nil, refuse("The logout token has no jti.")
	}
	if l.Subject == "" && l.SessionID == "" {
		return nil, refuse("The logout token names neither a subject nor a session.")
	}
	return l, nil
}

// isLogoutEvent reports whether events has the member of a logout, an object.
func (t *token) isLogoutEvent() bool {
	events, _ := t.claims["events"].(map[string]any)
	_, ok := events[logoutEvent].(map[string]any)
	return ok
}

// admitLoggedIn refuses tokens that a logout could not end, where logouts count: those without a
// time of issue, and those that are valid for longer than a logout is remembered.
func (i *issuer) admitLoggedIn(t *token) *Error {
	switch {
	case len(i.LogoutClients) == 0:
		return nil
	case t.issuedAt.IsZero():
		return refuse("The token does not say when it was issued, so that a logout could not end it (backchannelLogout).")
	case t.expires.Sub(t.issuedAt) > maxLifeWithLogout:
		return refuse("The token is valid for more than %s, for which logouts are remembered (backchannelLogout).", maxLifeWithLogout)
	}
	return nil
}

// loggedOut refuses a token that was issued before a logout.
func (v *Verifier) loggedOut(ctx context.Context, id *Identity) error {
	i := v.issuers[id.Issuer]
	if v.config.LastLogout == nil || len(i.LogoutClients) == 0 {
		return nil
	}
	// Both times are the provider's, in whole seconds.
	if at := v.config.LastLogout(ctx, id); !at.IsZero() && !id.IssuedAt.Truncate(time.Second).After(at.Truncate(time.Second)) {
		return refuse("The person has logged out since the token was issued; sign in again.")
	}
	return nil
}

// sessionID is the claim sid; empty if it is absent or of no use.
func (t *token) sessionID() string {
	sid, _ := t.claims["sid"].(string)
	if len(sid) > maxTokenID || !printable(sid) {
		return ""
	}
	return sid
}
