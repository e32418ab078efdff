package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"vitrine/auth"
	"vitrine/internal/config"
	"vitrine/internal/policy"
	"vitrine/internal/server"
)

// checkedToken is the access token of --token and what it gives.
type checkedToken struct {
	raw      string
	identity *auth.Identity // nil for a token that is refused
	view     *policy.View   // nil for a person without roles
	refused  string         // why serve would refuse the token; empty if it would not
}

// readToken reads the file of --token; nil without one.
func readToken(file, user string) (*checkedToken, error) {
	if file == "" {
		return nil, nil
	}
	if user != "" {
		return nil, fmt.Errorf("--user %q goes without --token, which names a user itself: leave one of the two out", user)
	}
	raw, err := readTokenFile("token", file)
	if err == nil && strings.HasPrefix(raw, "{") {
		err = errors.New("--token wants a file with an access token, and this one holds JSON: vitrine explain --claims takes claims")
	}
	if err != nil {
		return nil, err
	}
	return &checkedToken{raw: raw}, nil
}

// token reports what the token holds, and what serve would make of it: with the provider's keys,
// and UserInfo where the settings ask it. The token itself is not printed, nor are claims that
// could be used as one.
func (r *report) token(ctx context.Context, a *server.App) error {
	t := r.checked
	if t == nil {
		return nil
	}
	if contents, err := auth.Inspect(t.raw); err == nil {
		r.contents(contents, time.Now())
	}
	var err error
	if t.identity, err = a.Verifier.Verify(ctx, t.raw); err != nil {
		how := "it is refused: "
		var refusal *auth.Error
		if errors.As(err, &refusal) && refusal.Code == auth.CodeUnavailable {
			how = "it cannot be checked now: "
		}
		r.refuseToken(how + refusalText(err))
		return nil
	}
	r.say("token", "accepted: signature, issuer, audience, times and type are good", nil)
	roles, err := server.NewPolicy(a.Settings)
	if err != nil {
		return err
	}
	e := explanation{indented{r.out}, a.Settings, roles, ""}
	if t.view, err = e.identity(t.identity); err != nil {
		r.refuseToken(err.Error())
		return nil
	}
	r.say("token's roles", strings.Join(t.view.Roles, ", "), nil)
	return nil
}

func (r *report) refuseToken(why string) {
	r.checked.refused = why
	_, _ = fmt.Fprintf(r.out, "FAILED  %-34s %s\n", "token", why)
}

// userFor is whom check signs in on a site: the token's user where the token's roles give the site,
// and that of --user without a token.
func (r *report) userFor(site config.Site, user string) string {
	t := r.checked
	switch {
	case t == nil:
		return user
	case t.identity == nil || t.view == nil:
		return ""
	case !t.view.Offers(site.ContentURL):
		_, _ = fmt.Fprintf(r.out, "note    %-34s %s\n", fmt.Sprintf("site %q", site.ContentURL), "the token's roles do not give this site: its user is not tried")
		return ""
	}
	return t.identity.Username
}

// identityFor is who signs in with a JWT: with the token's claims, which may become user attributes
// and groups.
func (r *report) identityFor(user string) *auth.Identity {
	if t := r.checked; t != nil && t.identity != nil && user == t.identity.Username {
		return t.identity
	}
	return &auth.Identity{Issuer: "vitrine check", Subject: "vitrine check", Username: user}
}

// tokenEnd is what a refused token adds to the end of check, and what one whose user is unknown
// adds.
func (r *report) tokenEnd() error {
	t := r.checked
	switch {
	case t == nil:
		return nil
	case t.refused != "":
		return errors.New("serve would refuse this token")
	case r.unknown > 0:
		_, _ = fmt.Fprintf(r.out, "note    %-34s %s\n", "token", "the name comes from oidc[].username: compare it, letter for letter, with the users of the site in Tableau; "+
			"add the user there, or name another claim")
	}
	return nil
}

// indented puts each line below the line of the report that it belongs to.
type indented struct{ out io.Writer }

func (i indented) Write(line []byte) (int, error) {
	if _, err := io.WriteString(i.out, "        "); err != nil {
		return 0, err
	}
	return i.out.Write(line)
}

// contents lists header and claims, objects by their path, as settings name claims.
func (r *report) contents(c *auth.Contents, now time.Time) {
	_, _ = fmt.Fprintf(r.out, "        %-34s alg %q, typ %q, kid %q\n", "token's header", c.Algorithm, c.Type, c.KeyID)
	var lines []string
	claimLines(&lines, "", c.Claims, now)
	slices.Sort(lines)
	const most = 200
	for i, line := range lines {
		if i == most {
			_, _ = fmt.Fprintf(r.out, "        … and %d more claims\n", len(lines)-most)
			break
		}
		_, _ = fmt.Fprintln(r.out, "        token's claim "+line)
	}
}

func claimLines(lines *[]string, path string, claims map[string]any, now time.Time) {
	for name, v := range claims {
		name = path + shownName(name)
		inner, isObject := v.(map[string]any)
		switch {
		case secretClaim(name):
			*lines = append(*lines, name+": there, not shown")
		case isObject && len(inner) > 0:
			claimLines(lines, name+".", inner, now)
		default:
			*lines = append(*lines, name+": "+shownClaim(name, v, now))
		}
	}
}

// shownName quotes a name that could do something to a terminal.
func shownName(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || unicode.IsSpace(r) }) || len(name) > 100 {
		return shortQuote(name)
	}
	return name
}

// secretClaim reports whether a claim may hold what is good for more than reading: other tokens,
// keys, ids of sessions and of tokens.
func secretClaim(path string) bool {
	name := strings.ToLower(path)
	last := name[strings.LastIndex(name, ".")+1:]
	if last == "token_use" || last == "token_type" {
		return false
	}
	for _, part := range []string{"token", "secret", "password", "assertion", "session", "_hash", "nonce", "credential"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	first, _, _ := strings.Cut(name, ".")
	return first == "cnf" || first == "_claim_sources" || slices.Contains([]string{"jti", "sid", "uti", "aio", "rh", "code", "jwt", "pin", "otp"}, last)
}

// shownClaim is a value, short: what is long or looks like a token is only counted.
func shownClaim(name string, v any, now time.Time) string {
	switch v := v.(type) {
	case string:
		return shownText(v)
	case json.Number:
		if slices.Contains([]string{"exp", "iat", "nbf", "auth_time", "updated_at"}, name) {
			if at, err := v.Float64(); err == nil && at > 0 && at < 1e11 {
				moment := time.Unix(int64(at), 0).UTC()
				return fmt.Sprintf("%s (%s from now)", moment.Format(time.RFC3339), moment.Sub(now).Round(time.Second))
			}
		}
		return v.String()
	case []any:
		texts := make([]string, 0, len(v))
		for i, item := range v {
			if i == 50 {
				texts = append(texts, fmt.Sprintf("… and %d more", len(v)-i))
				break
			}
			if object, ok := item.(map[string]any); ok {
				texts = append(texts, fmt.Sprintf("an object with %d members", len(object)))
				continue
			}
			texts = append(texts, shownClaim("", item, now))
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case map[string]any:
		return "{}"
	}
	return fmt.Sprint(v) // true, false and null
}

func shownText(text string) string {
	if strings.HasPrefix(text, "eyJ") || len(text) > 200 {
		return fmt.Sprintf("a text of %d bytes, not shown", len(text))
	}
	return strconv.Quote(text)
}

func shortQuote(text string) string {
	if len(text) > 100 {
		text = strings.ToValidUTF8(text[:100], "") + "…"
	}
	return strconv.Quote(text)
}
