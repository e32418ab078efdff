package auth

import (
	"slices"
	"strings"
)

// omissionWords are parts of names of claims that say of others that they are not whole.
var omissionWords = []string{"overage", "truncat", "incomplete", "omit", "omission", "leftout", "toomany", "nextlink"}

// omissionNames are such names that are words of other names too.
var omissionNames = []string{"partial", "ispartial", "more", "hasmore", "exceeded", "missing", "missingclaims", "partialclaims"}

// omission looks for a claim of whatever name that says that claims were left out or cut, and may
// mean the named one. It looks at each level of the claim's path. Known are claims that the settings
// read.
func omission(claims map[string]any, name string, known []string) *Error {
	first, rest, dotted := strings.Cut(name, ".")
	stem := stemOf(name)
	for key, v := range claims {
		if key == name || key == first || slices.Contains(known, key) || !affirms(v) {
			continue
		}
		word := plain(key)
		says := slices.Contains(omissionNames, word) || containsOf(word, omissionWords) ||
			len(stem) >= 3 && strings.Contains(word, stem) && containsOf(word, overageWords)
		if says && !ofAnother(word, name, claims) && mayMean(v, name, stem) {
			return forbid("The token has a claim which seems to say that the claim %q is not whole; "+
				"have the provider send all that is assigned to this application.", name)
		}
	}
	if inner, ok := claims[first].(map[string]any); ok && dotted {
		return omission(inner, rest, nil)
	}
	return nil
}

// ofAnother reports whether a sign's name says that it is about another claim: phone_truncated where
// there is a claim phone, and groups_truncated for scopes.
func ofAnother(word, name string, claims map[string]any) bool {
	for _, part := range append([]string{"claims", "claim", "token", "list"}, omissionWords...) {
		word = strings.ReplaceAll(word, part, "")
	}
	word = strings.TrimSuffix(word, "s")
	if len(word) < 3 || strings.Contains(word, stemOf(name)) {
		return false
	}
	if stem := stemOf(name); stem == "scope" || stem == "scp" {
		return strings.Contains(word, "group") || strings.Contains(word, "grp") || strings.Contains(word, "role")
	}
	for other := range claims {
		if singular(other) == word {
			return true
		}
	}
	return false
}

// stemOf is the last part of a claim's name, in the singular.
func stemOf(name string) string {
	return strings.TrimSuffix(plain(name[strings.LastIndexAny(name, "./:")+1:]), "s")
}

func containsOf(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}

// mayMean reports whether the value of a sign may speak of a claim. A list of names, and an object
// of them, speaks of those alone; all else may speak of any.
func mayMean(v any, name, stem string) bool {
	var names []string
	switch v := v.(type) {
	case []any:
		list, ok := texts(v)
		if !ok {
			return true
		}
		names = list
	case map[string]any:
		for key, value := range v {
			text, _ := value.(string)
			names = append(names, key, text)
		}
	default:
		return true
	}
	return slices.ContainsFunc(names, func(text string) bool {
		return about(text, name) || len(stem) >= 3 && strings.Contains(plain(text), stem)
	})
}
