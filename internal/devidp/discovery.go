package devidp

import "net/http"

// discovery is the document of OpenID Connect Discovery 1.0 section 3, with the member of RFC 9207.
type discovery struct {
	Issuer                string   `json:"issuer"`
	Authorization         string   `json:"authorization_endpoint"`
	Token                 string   `json:"token_endpoint"`
	UserInfo              string   `json:"userinfo_endpoint"`
	Keys                  string   `json:"jwks_uri"`
	Revocation            string   `json:"revocation_endpoint"`
	EndSession            string   `json:"end_session_endpoint"`
	Scopes                []string `json:"scopes_supported"`
	Claims                []string `json:"claims_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	ResponseModes         []string `json:"response_modes_supported"`
	GrantTypes            []string `json:"grant_types_supported"`
	Prompts               []string `json:"prompt_values_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	IDTokenAlgorithms     []string `json:"id_token_signing_alg_values_supported"`
	TokenAuthMethods      []string `json:"token_endpoint_auth_methods_supported"`
	RevocationAuthMethods []string `json:"revocation_endpoint_auth_methods_supported"`
	ChallengeMethods      []string `json:"code_challenge_methods_supported"`
	IssuerInAnswer        bool     `json:"authorization_response_iss_parameter_supported"`
	RequestParameter      bool     `json:"request_parameter_supported"`
	RequestURIParameter   bool     `json:"request_uri_parameter_supported"` // absent means true
}

func (p *Provider) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	writeJSON(w, http.StatusOK, discovery{
		Issuer:        p.issuer,
		Authorization: p.issuer + PathAuthorization,
		Token:         p.issuer + PathToken,
		UserInfo:      p.issuer + PathUserInfo,
		Keys:          p.issuer + PathKeys,
		Revocation:    p.issuer + PathRevocation,
		EndSession:    p.issuer + PathEndSession,
		Scopes:        []string{"openid", "profile", "email", "groups", "offline_access"},
		Claims: []string{
			"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid",
			"name", "preferred_username", "email", "email_verified", "groups",
		},
		ResponseTypes:         []string{"code"},
		ResponseModes:         []string{"query"},
		GrantTypes:            []string{"authorization_code", "refresh_token"},
		Prompts:               []string{"none", "login", "select_account"},
		SubjectTypes:          []string{"public"},
		IDTokenAlgorithms:     []string{string(signingAlgorithm)},
		TokenAuthMethods:      []string{"none"},
		RevocationAuthMethods: []string{"none"},
		ChallengeMethods:      []string{"S256"},
		IssuerInAnswer:        true,
	})
}
