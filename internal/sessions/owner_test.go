package sessions

import (
	"testing"
	"time"

	"vitrine/auth"
	"vitrine/internal/tableausim"
)

// The text of an owner differs where anything of a person differs, but for the times and the session
// of a token.
func TestOwnerHoldsAllThatShapesASession(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	full := func() *auth.Identity {
		return &auth.Identity{
			Issuer: "https://login.example.com", Subject: "s", Username: "alice", Groups: []string{"a", "b"}, Scopes: []string{"x"}, Client: "c",
			Claims: map[string][]string{"k": {"1", "2"}, "l": {"3"}}, SessionID: "sid",
		}
	}
	texts := map[string]string{}
	for name, change := range map[string]func(*auth.Identity){
		"nothing":         func(*auth.Identity) {},
		"issuer":          func(id *auth.Identity) { id.Issuer += "/" },
		"subject":         func(id *auth.Identity) { id.Subject = "S" },
		"user name":       func(id *auth.Identity) { id.Username = "Alice" },
		"groups":          func(id *auth.Identity) { id.Groups = []string{"a"} },
		"one group":       func(id *auth.Identity) { id.Groups = []string{"a\x01b"} },
		"no group":        func(id *auth.Identity) { id.Groups = nil },
		"group for scope": func(id *auth.Identity) { id.Groups, id.Scopes = id.Scopes, id.Groups },
		"scopes":          func(id *auth.Identity) { id.Scopes = nil },
		"client":          func(id *auth.Identity) { id.Client = "" },
		"value":           func(id *auth.Identity) { id.Claims["k"] = []string{"1"} },
		"value's claim":   func(id *auth.Identity) { id.Claims = map[string][]string{"k": {"1"}, "l": {"2", "3"}} },
		"claim":           func(id *auth.Identity) { delete(id.Claims, "l") },
	} {
		id := full()
		change(id)
		text := b.Owner(id)
		if other, ok := texts[text]; ok || text == "" {
			t.Errorf("%s and %s have the same owner", name, other)
		}
		texts[text] = name
	}
	later := full()
	later.IssuedAt, later.Expires, later.SessionID = time.Now(), time.Now().Add(time.Hour), "other"
	if texts[b.Owner(later)] != "nothing" {
		t.Error("a token that was renewed has another owner")
	}
	if b.Owner(&auth.Identity{Issuer: "https://login.example.com", Subject: "s"}) != "" || b.Owner(&auth.Identity{}) != "" {
		t.Error("an identity without sessions has an owner")
	}
}

// Two brokers that sign people in differently have different owners.
func TestOwnerHoldsTheWayOfSigningIn(t *testing.T) {
	t.Parallel()
	one, other := start(t, tableausim.Config{}, nil), start(t, tableausim.Config{}, func(c *Config) {
		for i := range c.Sites {
			c.Sites[i].Method = twoPATs
		}
	})
	if id := identity("alice"); one.Owner(id) == other.Owner(id) {
		t.Error("the owner does not depend on the sign-in method")
	}
}
