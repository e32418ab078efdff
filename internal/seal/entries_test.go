package seal

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"vitrine/internal/tableau"
)

var rootKey, otherKey = tableau.NewSecret(strings.Repeat("a", 40)), tableau.NewSecret(strings.Repeat("b", 40))

func entryKeys(t testing.TB, realm string, roots ...tableau.Secret) EntryKeys {
	t.Helper()
	k, err := NewEntryKeys(roots, realm)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealedOpensOnlyInItsPlaceAndForItsOwner(t *testing.T) {
	t.Parallel()
	keys := entryKeys(t, "a", rootKey)
	about := Canonical("i", "s", "x", "u")
	name := keys.Name("a:", about)
	sealed := keys.Seal(name, about, Tag{1}, []byte("plain"))
	if plain, ok := keys.Open(name, about, sealed); !ok || string(plain) != "plain" {
		t.Fatalf("it does not open: %q", plain)
	}
	open := func(what string, k EntryKeys, name string, about, sealed []byte) {
		if plain, ok := k.Open(name, about, sealed); ok {
			t.Errorf("%s: it opens, %q", what, plain)
		}
	}
	open("another place", keys, name+"x", about, sealed)
	open("another kind", keys, keys.Name("b:", about), about, sealed)
	open("another realm", entryKeys(t, "b", rootKey), name, about, sealed)
	open("another key", entryKeys(t, "a", otherKey), name, about, sealed)
	for _, other := range [][]string{
		{"i2", "s", "x", "u"}, {"i", "s2", "x", "u"}, {"i", "s", "y", "u"}, {"i", "s", "x", "v"}, {"i", "s", "x", "u", "v"}, {"is", "", "x", "u"},
	} {
		open(fmt.Sprintf("owner %q", other), keys, name, Canonical(other...), sealed)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		open(fmt.Sprintf("byte %d changed", i), keys, name, about, changed)
		open(fmt.Sprintf("cut at %d", i), keys, name, about, sealed[:i])
	}
}

func TestSealedIsNeverTheSameTwice(t *testing.T) {
	t.Parallel()
	k := entryKeys(t, "", rootKey)
	if bytes.Equal(k.Seal("n", nil, Tag{}, []byte("plain")), k.Seal("n", nil, Tag{}, []byte("plain"))) {
		t.Error("two entries are alike")
	}
}

func TestBothKeysOpen(t *testing.T) {
	t.Parallel()
	before, both := entryKeys(t, "", rootKey), entryKeys(t, "", otherKey, rootKey)
	sealed := before.Seal("n", nil, Tag{}, []byte("plain"))
	if _, ok := both.Open("n", nil, sealed); !ok {
		t.Error("the previous key does not open")
	}
	if _, ok := before.Open("n", nil, both.Seal("n", nil, Tag{}, nil)); ok {
		t.Error("the previous key opens what the current one has sealed")
	}
}

func TestKeysThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for name, roots := range map[string][]tableau.Secret{
		"none": nil, "short": {tableau.NewSecret("short")}, "twice": {rootKey, rootKey}, "three": {rootKey, otherKey, rootKey},
	} {
		if _, err := NewEntryKeys(roots, ""); err == nil || strings.Contains(err.Error(), rootKey.Reveal()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpenEntry(f *testing.F) {
	keys, err := NewEntryKeys([]tableau.Secret{rootKey, otherKey}, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{}, []byte{})
	f.Add([]byte("n"), keys.Seal("n", nil, Tag{}, []byte("plain"))[:entryHeaderSize])
	f.Fuzz(func(t *testing.T, about, sealed []byte) {
		if plain, ok := keys.Open("n", about, sealed); ok {
			t.Errorf("what nobody has sealed opens: %q", plain)
		}
	})
}
