package auth

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// A provider may leave a claim out of a token and say so in another claim: as an aggregated or
// distributed claim (OpenID Connect Core, section 5.6.2), or, as Microsoft Entra does for people in
// many groups, as hasgroups or groups:src1. A claim that was left out is not a claim that the
// person lacks: a role may take rights away from those who have it. So each sign is a refusal.

const (
	claimNames   = "_claim_names"
	claimSources = "_claim_sources"
)

// leftOut refuses claims that say that the named one was left out. A strict caller also refuses
// signs that do not say which claim they are about.
func leftOut(claims map[string]any, name string, strict bool) *Error {
	var sign string
	switch {
	case namedBy(claims, name):
		sign = claimNames
	case suppliedBy(claims, name):
		sign = claimSources
	case strict && unclear(claims):
		return forbid("The token's claims %q and %q do not say in a known form which claims were left out, and the claim %q may be one of them; "+
			"have the provider send all claims in the token.", claimNames, claimSources, name)
	default:
		sign = signOf(claims, name)
	}
	if sign == "" {
		return nil
	}
	return forbid("The token's claim %q says that the claim %q was left out. For groups, the usual reason is that the person is in too many: "+
		"have the provider send only the groups that are assigned to this application.", sign, name)
}

// member finds a member by its letters alone, in the plural or not: a sign in another spelling is
// still a sign.
func member(claims map[string]any, name string) any {
	for key, v := range claims {
		if singular(key) == singular(name) && v != nil {
			return v
		}
	}
	return nil
}

func singular(name string) string { return strings.TrimSuffix(plain(name), "s") }

// about reports whether a text from _claim_names or _claim_sources means the claim: its name, or
// the beginning of its path.
func about(text, name string) bool {
	return text != "" && (strings.EqualFold(text, name) ||
		len(name) > len(text) && name[len(text)] == '.' && strings.EqualFold(text, name[:len(text)]))
}

// namedBy reports whether _claim_names names the claim, on whichever side.
func namedBy(claims map[string]any, name string) bool {
	switch names := member(claims, claimNames).(type) {
	case map[string]any:
		for key, source := range names {
			if text, _ := source.(string); about(key, name) || about(text, name) {
				return true
			}
		}
	case string, []any:
		list, _ := texts(names)
		return slices.ContainsFunc(list, func(text string) bool { return about(text, name) })
	}
	return false
}

// suppliedBy reports whether a source in _claim_sources has the claim's name.
func suppliedBy(claims map[string]any, name string) bool {
	sources, _ := member(claims, claimSources).(map[string]any)
	for key := range sources {
		if about(key, name) {
			return true
		}
	}
	return false
}

// unclear reports whether the two members may speak of any claim: they are of another form than
// section 5.6.2 gives them, or there is a source that no name refers to.
func unclear(claims map[string]any) bool {
	names, sources := member(claims, claimNames), member(claims, claimSources)
	byName, isObject := names.(map[string]any)
	if !isObject && affirms(names) {
		return true
	}
	bySource, isObject := sources.(map[string]any)
	if !isObject {
		return affirms(sources)
	}
	for source := range bySource {
		referred := false
		for _, v := range byName {
			referred = referred || v == source
		}
		if !referred {
			return true
		}
	}
	return false
}

// signOf looks for hasgroups, and for groups:src1 and groups@link, at each level of the claim's
// path. It returns what it found, in the words of the settings: the token's own may be anything.
func signOf(claims map[string]any, name string) string {
	first, rest, dotted := strings.Cut(name, ".")
	for key, v := range claims {
		for _, n := range []string{name, first} {
			switch {
			case plain(key) == "has"+plain(n) && affirms(v):
				return "has" + n
			case len(key) > len(n) && strings.EqualFold(key[:len(n)], n) && strings.ContainsRune(":@", rune(key[len(n)])):
				return n + key[len(n):len(n)+1] + "…"
			}
		}
	}
	if inner, ok := claims[first].(map[string]any); ok && dotted {
		return signOf(inner, rest)
	}
	return ""
}

// plain is a name in lower case, letters and digits alone: has_groups, hasGroups and hasgroups are
// one.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// affirms is false for the values that say no or nothing: absent, null, false, 0, and what is
// empty. All others say yes.
func affirms(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case json.Number:
		f, err := v.Float64()
		return err != nil || f != 0
	case string:
		text := strings.ToLower(strings.TrimSpace(v))
		return text != "" && text != "false" && text != "0" && text != "no"
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return true
}

// overageWords are parts of names of claims by which providers say that a list of groups is not
// whole.
var overageWords = []string{
	"overage", "truncat", "partial", "incomplete", "exceed", "toomany", "omit", "leftout", "more", "next", "link", "href", "url", "uri",
	"endpoint", "src", "source", "limit", "missing",
}

// hinted looks for other claims about groups: those that say in some word that the groups are not
// whole, and, where the groups are absent, any at all that is not one of those in the settings.
func (g GroupsRule) hinted(claims map[string]any, absent bool, known []string) *Error {
	stem := stemOf(g.Claim)
	if len(stem) < 3 {
		return nil
	}
	for key, v := range claims {
		name := plain(key)
		if key == g.Claim || slices.Contains(known, key) || !strings.Contains(name, stem) || !affirms(v) || strings.HasPrefix(g.Claim, key+".") {
			continue
		}
		if strings.HasPrefix(name, "has") || containsOf(name, overageWords) {
			return forbid("The token has another claim about groups, which seems to say that the claim %q is not whole; "+
				"have the provider send all groups that are assigned to this application.", g.Claim)
		}
		if absent {
			return forbid("The token has no claim %q, but another claim about groups; set oidc[].groups.claim to the one that holds them, "+
				"or have the provider send %q, as an empty list for a person without groups.", g.Claim, g.Claim)
		}
	}
	return nil
}

// link reports whether a text is the address of a list of groups rather than the name of one.
func link(text string) bool {
	u, err := url.Parse(strings.TrimSpace(text))
	return err == nil && u.Host != "" && (strings.EqualFold(u.Scheme, "https") || strings.EqualFold(u.Scheme, "http"))
}
