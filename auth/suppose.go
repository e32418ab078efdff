package auth

// Supposition is what a token with certain claims would come to.
type Supposition struct {
	// Identity is who it would speak for; nil if the token would be refused.
	Identity *Identity
	// Refused says why there would be no identity; nil if there is one.
	Refused error
	// Notes say what about the claims would refuse the token now, or could not be looked at without the token itself.
	Notes []string
}

// Suppose applies the rules of the claims' issuer to claims that nobody has signed. It is for telling an operator what a token would
// come to, and lets nobody in: no middleware calls it. The error says that the claims are none.
func (v *Verifier) Suppose(claims []byte) (*Supposition, error) {
	all, err := object(claims)
	if err != nil {
		return nil, err
	}
	t := &token{claims: all}
	s := &Supposition{}
	if err := t.readClaims(); err != nil {
		s.Refused = err
		return s, nil
	}
	i, ok := v.issuers[t.issuer]
	if !ok {
		s.Refused = refuse("The token comes from an issuer that is not accepted here.")
		return s, nil
	}
	t.alg, t.typ = i.Algorithms[0], i.TokenTypes[0] // the header is not known: the one that the settings expect
	if err := i.admit(t, v.config.Now()); err != nil {
		s.Notes = append(s.Notes, err.Message)
	}
	if i.UserInfo && !i.Username.complete(all) {
		s.Notes = append(s.Notes, "The server would ask UserInfo for what these claims lack.")
	}
	o := i.identity(t, all, "The token")
	if o.err != nil {
		s.Refused = o.err
		return s, nil
	}
	s.Identity = o.id
	return s, nil
}
