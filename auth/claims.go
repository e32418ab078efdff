package auth

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxUsername is a bound in bytes; Tableau's own is shorter.
const maxUsername = 512

// claim finds a claim: the literal name first, for names such as
// https://example.com/groups hold dots, then the name as a path.
func claim(claims map[string]any, name string) (any, bool) {
	if v, ok := claims[name]; ok {
		return v, true
	}
	first, rest, dotted := strings.Cut(name, ".")
	inner, ok := claims[first].(map[string]any)
	if !dotted || !ok {
		return nil, false
	}
	return claim(inner, rest)
}

// texts reads a string or a list of strings; false if it is anything else.
func texts(v any) ([]string, bool) {
	switch v := v.(type) {
	case string:
		return []string{v}, true
	case []any:
		list := make([]string, 0, len(v))
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	}
	return nil, false
}

// complete reports whether the claims hold all that the rule reads, so that
// UserInfo need not be asked. A name and the word that it is verified must come
// from one place.
func (u UsernameRule) complete(claims map[string]any) bool {
	if _, ok := claim(claims, u.Claim); !ok {
		return false
	}
	_, ok := claims["email_verified"]
	return ok || !u.RequireVerified
}

// name makes the Tableau user name, or says with a 403 why there is no identity; from
// says whose claims these are, as the beginning of a sentence.
func (u UsernameRule) name(claims map[string]any, from string) (string, *Error) {
	v, ok := claim(claims, u.Claim)
	if !ok {
		return "", forbid("%s has no claim %q, which holds the Tableau user name; "+
			"ask the provider's administrator to add it, or ask for the scope that brings it.", from, u.Claim)
	}
	name, ok := v.(string)
	if !ok || name == "" || len(name) > maxUsername || !printable(name) || strings.TrimSpace(name) != name {
		return "", forbid("%s has a claim %q that is not usable as a Tableau user name: "+
			"it must be a short text without control characters or spaces around it.", from, u.Claim)
	}
	if u.RequireVerified && !verified(claims["email_verified"]) {
		return "", forbid("%s has a claim %q that cannot be used: the provider does not say in the claim "+
			"\"email_verified\" that the address is verified.", from, u.Claim)
	}
	if u.StripDomain != "" {
		local, domain, _ := strings.Cut(name, "@")
		if local == "" || !sameDomain(domain, u.StripDomain) || strings.Contains(local, `\`) {
			return "", forbid("%s has a claim %q that is not an address of the domain %s.", from, u.Claim, u.StripDomain)
		}
		name = local
	}
	if u.PrefixDomain != "" {
		if strings.Contains(name, `\`) {
			return "", forbid("%s has a claim %q that names a Windows domain already.", from, u.Claim)
		}
		name = u.PrefixDomain + `\` + name
	}
	return name, nil
}

// sameDomain compares without regard to case, in ASCII only: by the rules of
// Unicode the Kelvin sign is a k, and one domain could pass for another.
func sameDomain(a, b string) bool {
	return ascii(a) && ascii(b) && strings.EqualFold(a, b)
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// verified takes true, and the text "true" that some providers send instead.
// Absent is false.
func verified(v any) bool { return v == true || v == "true" }

const (
	// maxClaimTexts and maxClaimBytes bound what is kept of one further claim; Tableau's JWTs are
	// to stay small.
	maxClaimTexts = 100
	maxClaimBytes = 4 << 10
)

// further reads the further claims that the settings name, each from the first source that has it;
// nil if absent. A claim that is there and cannot be read refuses the person: data may be held back
// by what it says, so leaving it out is not the safe side.
func further(names []string, sources ...map[string]any) (map[string][]string, *Error) {
	var kept map[string][]string
	for _, name := range names {
		var v any
		for _, claims := range sources {
			if err := leftOut(claims, name, true); err != nil {
				return nil, err
			}
			if found, ok := claim(claims, name); ok && v == nil {
				v = found
			}
		}
		if v == nil {
			continue
		}
		list, ok := plainTexts(v)
		if !ok {
			return nil, forbid("The token's claim %q is neither a text, a number nor a list of texts, or it is too long.", name)
		}
		if kept == nil {
			kept = make(map[string][]string, len(names))
		}
		kept[name] = list
	}
	return kept, nil
}

// plainTexts is texts, within bounds, and takes a number or a boolean as it is written.
func plainTexts(v any) ([]string, bool) {
	switch plain := v.(type) {
	case json.Number:
		v = plain.String()
	case bool:
		v = strconv.FormatBool(plain)
	}
	list, ok := texts(v)
	bytes := 0
	for _, text := range list {
		bytes += len(text)
	}
	return list, ok && len(list) <= maxClaimTexts && bytes <= maxClaimBytes
}

// groups reads the groups of one source; see from.
func (g GroupsRule) groups(claims map[string]any) ([]string, *Error) {
	return g.from(true, nil, claims)
}

// from reads the groups from the first source that has them; absent from all
// means none. A claim that is there and cannot be read refuses the person, and
// so does any sign in any source that groups were left out: a role may take
// rights away from a group, so leaving groups out is not the safe side. Signs of
// unknown form count if strict; known are claims that the settings read.
func (g GroupsRule) from(strict bool, known []string, sources ...map[string]any) ([]string, *Error) {
	if g.Claim == "" {
		return nil, nil
	}
	var found any
	absent := true
	for _, claims := range sources {
		if err := leftOut(claims, g.Claim, strict); err != nil {
			return nil, err
		}
		v, ok := claim(claims, g.Claim)
		switch {
		case ok && absent:
			found, absent = v, false
		case !ok && strict && broken(claims, g.Claim):
			return nil, forbid("The token has no claim %q, because the beginning of this path is not an object.", g.Claim)
		}
	}
	for _, claims := range sources {
		if err := g.hinted(claims, absent, known); err != nil && strict {
			return nil, err
		}
		if err := omission(claims, g.Claim, known); err != nil && strict {
			return nil, err
		}
	}
	if absent {
		return nil, nil
	}
	list, ok := texts(found)
	switch {
	case !ok:
		return nil, forbid("The token's claim %q is neither a text nor a list of texts.", g.Claim)
	case slices.ContainsFunc(list, link):
		return nil, forbid("The token's claim %q holds the address of a list instead of the groups; "+
			"have the provider send only the groups that are assigned to this application.", g.Claim)
	case strict && disguisedGroups(found, list, g.Names):
		return nil, forbid("The token's claim %q has a text that may be several groups; have the provider send a list of texts.", g.Claim)
	}
	list = slices.DeleteFunc(list, Blank)
	slices.Sort(list)
	return slices.Compact(list), nil
}

// broken reports whether a path ends early at something that is not an object.
func broken(claims map[string]any, name string) bool {
	first, rest, dotted := strings.Cut(name, ".")
	v, ok := claims[first]
	if !dotted || !ok {
		return false
	}
	inner, ok := v.(map[string]any)
	return !ok || broken(inner, rest)
}
