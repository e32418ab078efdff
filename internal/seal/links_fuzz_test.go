package seal

import (
	"bytes"
	"strings"
	"testing"

	"vitrine/internal/tableau"
)

// Nobody makes a link but who has the key: whatever is put together opens nothing, and breaks
// nothing.
func FuzzOpenLink(f *testing.F) {
	all, err := NewLinkKeys([]tableau.Secret{tableau.NewSecret(strings.Repeat("a", 40)), tableau.NewSecret(strings.Repeat("b", 40))}, "fuzz")
	if err != nil {
		f.Fatal(err)
	}
	made := map[string]bool{}
	for _, plain := range []string{"", "{}", `{"i":"https://login.example.com"}`, strings.Repeat("long ", 500)} {
		link, _ := all.Seal([]byte(plain))
		made[link] = true
		f.Add(link)
		f.Add(link + "A")
		f.Add(link[1:])
	}
	f.Fuzz(func(t *testing.T, link string) {
		if _, err := all.Open(link); (err == nil) != made[link] {
			t.Fatalf("%q: %v", link, err)
		}
	})
}

// What is sealed is read back, and one change anywhere makes it worthless.
func FuzzSealLink(f *testing.F) {
	all, err := NewLinkKeys([]tableau.Secret{tableau.NewSecret(strings.Repeat("a", 40))}, "fuzz")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("text"), 0)
	f.Add(bytes.Repeat([]byte("text "), 200), 7)
	f.Fuzz(func(t *testing.T, plain []byte, at int) {
		link, size := all.Seal(plain)
		if link == "" {
			if size <= MaxLink {
				t.Fatalf("a link of %d characters was not made", size)
			}
			return
		}
		got, err := all.Open(link)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q became %q, %v", plain, got, err)
		}
		if again, _ := all.Seal(plain); again != link {
			t.Fatal("the same content has two links")
		}
		spoilt := []byte(link)
		i := int(uint(at) % uint(len(spoilt)))
		spoilt[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(int(spoilt[i])+1)%26]
		if string(spoilt) == link {
			return
		}
		if _, err := all.Open(string(spoilt)); err == nil {
			t.Fatalf("a change at %d went unnoticed", i)
		}
	})
}
