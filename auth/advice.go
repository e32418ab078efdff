package auth

// What operators can do about a refusal whose message does not say it. The messages go to callers,
// who need not know the settings.
const (
	askProvider = "ask the provider's administrator; such a token breaks RFC 7519, and no setting accepts it"
	notAltered  = "check that the token is whole: three parts with dots between them, in one line"
)

// advice is by the format of the message.
var advice = map[string]string{
	"The token is longer than %d bytes.": "have the provider put less into it: only the groups that are assigned to this application",
	"The token is not a signed JWT in compact form.": notAltered + ". An opaque or encrypted token cannot be read: ask for a token of this API's audience, " +
		"which many providers give as a JWT only then",
	"A part of the token is not a JSON object with distinct keys.": notAltered,
	"The token has no signature, or a broken one.":                 notAltered,
	"The token's signature algorithm is not allowed.": "have the provider sign with RS256, ES256, PS256 or EdDSA; " +
		"symmetric algorithms and none are never accepted",
	"The token's signature algorithm is not allowed for this issuer (allowed: %s).": "add the header's alg to oidc[].algorithms, or change the provider's signing key",
	"The token's header has the member %s, which is not accepted.":                  "have the provider leave the member out of the header",
	"The token's header has a member that cannot be read, such as x5c.":             "have the provider leave certificates and other members than alg, kid and typ out of the header",
	"The token's key id is not a short string.":                                     askProvider,
	"The token's type is not a string.":                                             askProvider,
	"The token has a claim that differs from %s only in upper and lower case.":      "have the provider leave one of the two claims out",
	"The token names no issuer.":                                                    askProvider,
	"The token has no subject, or one that is not a short string.":                  "have the provider put the person's id into sub",
	"The token's claim %s is not a time.":                                           askProvider,
	"The token does not say when it expires.":                                       "have the provider set a lifetime for access tokens",
	"The token is meant for another audience (accepted: %s).": "compare the claim aud with oidc[].audiences. If it means another API, let the front end ask for this " +
		"API's audience; add it to oidc[].audiences only if it means this server",
	"The token comes from an issuer that is not accepted here.": "compare the claim iss with oidc[].issuer letter by letter, a slash at the end included",
	"The token's signature does not come from a key that the provider publishes.": "check that the token was not altered, and that it comes from the provider that the settings name: " +
		"another environment of it has the same issuer perhaps, and other keys",
	"The token's signature is good, but its claims iss, aud and exp cannot be read in one way only.": askProvider,
	"The token is a logout token or another event, not an access token.":                             "let the client send its access token",
	"The token is of a type that is not accepted (accepted: %s).": "compare typ of the token's header with oidc[].tokenTypes; " +
		"providers that set no type of their own need [at+jwt, JWT]",
	"The token is of a type that is not accepted (accepted: %s); send an access token.": "compare typ of the token's header with oidc[].tokenTypes; " +
		"providers that set no type of their own need [at+jwt, JWT]",
	"The token is an ID token, or cannot be distinguished from one; send an access token.": "let the client send the access token and not the ID token. If it does, have the provider put " +
		"scope or client_id into access tokens; acceptIDTokens accepts ID tokens",
	"The ID token has several audiences and does not say which client it was issued to.":                "have the provider send azp, or let the client send its access token",
	"The ID token was issued to another client.":                                                        "add the client's id to oidc[].audiences, or let the client send its access token",
	"The logout token comes from an issuer whose logouts are not accepted here.":                        "compare the claim iss with oidc[].issuer, and set oidc[].backchannelLogout",
	"The token is not of the type %s.":                                                                  "let the provider send its logout token",
	"The logout token is meant for another client (accepted: backchannelLogout.clients of the issuer).": "add the claim aud to oidc[].backchannelLogout.clients if it is a client of yours",
	"The token has no event of the kind %s.":                                                            "let the provider send its logout token",
	"The logout token has a nonce, which only ID tokens may have.":                                      "let the provider send its logout token",
	"The logout token does not say when it was issued, or is older than %s.":                            "compare the clocks of the provider and of this server",
	"The logout token's claim %s is not a short string.":                                                askProvider,
	"The logout token has no jti.":                                                                      askProvider,
	"The logout token names neither a subject nor a session.":                                           askProvider,
	"The token does not say when it was issued, so that a logout could not end it (backchannelLogout).": "have the provider put iat into access tokens, or remove oidc[].backchannelLogout",
	"The token is valid for more than %s, for which logouts are remembered (backchannelLogout).":        "have the provider shorten the lifetime of access tokens, or remove oidc[].backchannelLogout",
	"%s has a claim %q that is not usable as a Tableau user name: it must be a short text without control characters or spaces around it.": "correct the person's " +
		"entry at the provider, or name another claim in oidc[].username.claim",
	"%s has a claim %q that cannot be used: the provider does not say in the claim \"email_verified\" that the address is verified.": "have the provider verify the address and " +
		"send email_verified, name another claim in oidc[].username.claim, or set requireVerified to false if people cannot choose their address",
	"%s has a claim %q that is not an address of the domain %s.": "compare it with oidc[].username.stripDomain",
	"%s has a claim %q that names a Windows domain already.":     "leave oidc[].username.prefixDomain out",
	"The token's claim %q is neither a text, a number nor a list of texts, or it is too long.": "have the provider send a text or a list of at most 100 texts; a dot in the " +
		"settings' name of a claim reaches into an object",
	"The token has no claim %q, because the beginning of this path is not an object.": "compare oidc[].groups.claim with the token",
	"The token's claim %q is neither a text nor a list of texts.":                     "have the provider send a text or a list of texts; a dot in the settings' name of a claim reaches into an object",
	"The token's claim %q, which names the client, is not a text.":                    askProvider,
}

// Advice says what an operator can do; empty where the message says it.
func (e *Error) Advice() string { return advice[e.format] }
