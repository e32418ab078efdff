package content_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vitrine/internal/content"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// The same question gives the same address for half the lifetime, so that a browser keeps what it
// has; and an address is never given that ends soon.
func TestTheSameQuestionHasTheSameAddressForAWhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	seen := map[string]int{}
	for range 40 * 60 {
		l := w.image("alice")
		seen[l.URL]++
		if left := l.Ends.Sub(w.clock()); left < 150*time.Second || left > 300*time.Second {
			t.Fatalf("an address ends after %s", left)
		}
		w.advance(time.Second)
	}
	for _, seconds := range seen {
		if len(seen) > 17 || seconds > 150 {
			t.Errorf("%d addresses in 40 minutes, one of them for %d seconds", len(seen), seconds)
		}
	}
}

func TestNothingIsSharedBetweenQuestions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	seen := map[string]string{}
	note := func(what, address string) {
		if other := seen[address]; other != "" {
			t.Errorf("%s and %s have one address", what, other)
		}
		seen[address] = what
	}
	note("alice's image", w.image("alice").URL)
	note("bob's image", w.image("bob").URL)
	note("another view", w.link("alice", "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: "other"}, "Overview").URL)
	note("high resolution", w.link("alice", "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: w.view(), Resolution: tableau.High}, "Overview").URL)
	other, err := w.links.For(t.Context(), person("alice"), []string{"everyone", "more"}).Link("", "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: w.view()}, "Overview")
	if err != nil {
		t.Fatal(err)
	}
	note("other roles", other.URL)
	west := person("alice")
	west.Claims = map[string][]string{"region": {"West"}}
	if other, err = w.links.For(t.Context(), west, []string{"everyone"}).Link("", "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: w.view()}, "Overview"); err != nil {
		t.Fatal(err)
	}
	note("other attributes", other.URL)
}

// A link ends with the token that asked, if that is sooner.
func TestLinksEndWithTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	rapid.Check(t, func(t *rapid.T) {
		id := person("alice")
		id.Expires = start.Add(time.Duration(rapid.Int64Range(0, int64(20*time.Minute)).Draw(t, "token")))
		l, err := w.links.For(w.t.Context(), id, nil).Link("", "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: tableau.LUID(rapid.StringMatching("[a-z]{3}").Draw(t, "luid"))}, "")
		if err != nil {
			t.Fatal(err)
		}
		if l.Ends.After(id.Expires) || l.Ends.Sub(start) > 5*time.Minute {
			t.Errorf("the link ends at %s, the token at %s", l.Ends, id.Expires)
		}
	})
}

// After a logout the person may sign in again: what is made then works, what was made before does
// not.
func TestLinksAfterALogoutWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	before, other := w.image("alice"), w.image("bob")
	if err := w.broker.Forget(t.Context(), person("alice"), time.Now()); err != nil {
		t.Fatal(err)
	}
	after := w.image("alice")
	if after.URL == before.URL {
		t.Error("the address is the same after a logout")
	}
	for _, c := range []struct {
		name, address string
		want          int
	}{{"before", before.URL, 404}, {"after", after.URL, 200}, {"somebody else's", other.URL, 200}} {
		if got := w.fetch(c.address); got.status != c.want {
			t.Errorf("%s: status %d, want %d", c.name, got.status, c.want)
		}
	}
}

// While keys are changed, replicas with either order open each other's links; without keys nobody
// opens anything of another process.
func TestKeysAreChangedWithoutLosingLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	k := func(c string) tableau.Secret { return tableau.NewSecret(strings.Repeat(c, 40)) }
	with := func(keys ...tableau.Secret) *content.Links {
		return w.newLinks(func(c *content.Config) { c.Keys = keys })
	}
	for _, c := range []struct {
		name      string
		by, taken *content.Links
		want      int
	}{
		{"the same", with(k("a")), with(k("a")), 200},
		{"the new one is known already", with(k("a")), with(k("a"), k("b")), 200},
		{"swapped", with(k("b"), k("a")), with(k("a"), k("b")), 200},
		{"the old one is known still", with(k("a")), with(k("b"), k("a")), 200},
		{"the old one is gone", with(k("a")), with(k("b")), 404},
		{"random ones", with(), with(), 404},
	} {
		address := w.linkOf(c.by)
		w.server.Config.Handler = c.taken
		if got := w.fetch(address); got.status != c.want {
			t.Errorf("%s: status %d, want %d", c.name, got.status, c.want)
		}
	}
}

func TestAddressesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	owner := w.links.For(t.Context(), person("alice"), []string{"everyone"})
	var values []string
	for i := range 500 {
		values = append(values, fmt.Sprintf("%.20x", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))) // which nothing packs well
	}
	for n, fits := range map[int]bool{100: true, 500: false} {
		x := &tableau.Export{Kind: tableau.ViewImage, LUID: w.view(), Options: &tableau.ViewOptions{Filters: []*tableau.ViewFieldFilter{{Field: "Customer", Values: values[:n]}}}}
		l, err := owner.Link("", "View.image", x, "Overview")
		var bad *tableau.InputError
		if fits != (err == nil) || !fits && !errors.As(err, &bad) || fits && len(l.URL) > 7100 {
			t.Errorf("%d values: %v", n, err)
		}
	}
	long := person("alice")
	long.Claims = map[string][]string{"groups": values}
	var bad *tableau.InputError
	if _, err := w.links.For(t.Context(), long, nil).Link("", "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: w.view()}, ""); !errors.As(err, &bad) {
		t.Errorf("claims of %d values: %v", len(values), err)
	}
}

func TestNamesOfFilesAreSafe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	for name, want := range map[string][2]string{
		"Sales":                      {"Sales.png", `inline; filename="Sales.png"`},
		"Försäljning":                {"Försäljning.png", `inline; filename="F_rs_ljning.png"; filename*=UTF-8''F%C3%B6rs%C3%A4ljning.png`},
		`../../etc/"passwd"`:         {"_.._etc__passwd_.png", `inline; filename="_.._etc__passwd_.png"`},
		"a\r\nSet-Cookie: x":         {"a__Set-Cookie_ x.png", `inline; filename="a__Set-Cookie_ x.png"`},
		"invoice\u202egnp.exe":       {"invoice_gnp.exe.png", `inline; filename="invoice_gnp.exe.png"`},
		"con":                        {"content_con.png", `inline; filename="content_con.png"`},
		" . ":                        {"content.png", `inline; filename="content.png"`},
		"":                           {"content.png", `inline; filename="content.png"`},
		strings.Repeat("ä", 100):     {strings.Repeat("ä", 61) + ".png", ""},
		"50% off; filename=x.html\"": {"50_ off_ filename=x.html_.png", `inline; filename="50_ off_ filename=x.html_.png"`},
	} {
		l := w.link("alice", "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: w.view()}, name)
		if l.FileName != want[0] {
			t.Errorf("%q is saved as %q, want %q", name, l.FileName, want[0])
		}
		if want[1] == "" {
			continue
		}
		if got := w.do("HEAD", l.URL).header.Get("Content-Disposition"); got != want[1] {
			t.Errorf("%q: %s, want %s", name, got, want[1])
		}
	}
}
