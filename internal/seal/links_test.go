package seal

import (
	"bytes"
	"compress/flate"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/tableau"
)

func TestRootKeysHaveALeastLength(t *testing.T) {
	t.Parallel()
	long, short := tableau.NewSecret(strings.Repeat("k", minRoot)), tableau.NewSecret(strings.Repeat("k", minRoot-1))
	if _, err := NewLinkKeys([]tableau.Secret{long}, "r"); err != nil {
		t.Error(err)
	}
	_, err := NewLinkKeys([]tableau.Secret{long, short}, "r")
	if err == nil || !strings.Contains(err.Error(), "key 2 is shorter than 32 bytes") || strings.Contains(err.Error(), short.Reveal()) {
		t.Errorf("%v", err)
	}
}

// The longest link that is made is also taken; what does not fit is not made.
func TestLongestLinkIsTaken(t *testing.T) {
	t.Parallel()
	all, err := NewLinkKeys(nil, "r")
	if err != nil {
		t.Fatal(err)
	}
	const most = MaxLink*3/4 - linkHeaderSize - gcmTagSize - 1
	plain := noise(most)
	link, size := all.Seal(plain)
	if got, err := all.Open(link); len(link) != MaxLink || size != MaxLink || err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%d bytes: a link of %d characters, %v", most, len(link), err)
	}
	if link, size := all.Seal(noise(most + 1)); link != "" || size <= MaxLink {
		t.Errorf("one byte more: a link of %d characters, said to be %d", len(link), size)
	}
}

// A link has one spelling. Each other text that base64 might decode to the same bytes is refused.
func TestLinksHaveOneSpelling(t *testing.T) {
	t.Parallel()
	all, err := NewLinkKeys(nil, "r")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 12 { // of each length that base64 writes differently
		link, _ := all.Seal(noise(50 + n))
		if _, err := all.Open(link); err != nil {
			t.Fatal(err)
		}
		others := []string{
			link + "=", link + "==", strings.NewReplacer("-", "+", "_", "/").Replace(link + "A")[:len(link)] + "=", link + "A", link[:len(link)-1],
		}
		for _, more := range []string{"\n", "\r", "\r\n", "\n\n", " ", "\t", "\x00", "%0A", "\u200b", "\v"} {
			for _, at := range []int{0, 1, len(link) / 2, len(link) - 1, len(link)} {
				others = append(others, link[:at]+more+link[at:])
			}
		}
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		for _, last := range alphabet { // bits beyond the last byte
			if other := link[:len(link)-1] + string(last); other != link {
				others = append(others, other)
			}
		}
		for _, other := range others {
			if _, err := all.Open(other); err == nil {
				t.Errorf("%q opens %q", other, link)
			}
		}
	}
}

// Only what becomes shorter is packed, and only from a length on.
func TestOnlyWhatBecomesShorterIsPacked(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]byte{0: packedPlain, packFrom - 1: packedPlain, packFrom: packedDeflated, 10 * packFrom: packedDeflated} {
		if got := pack(make([]byte, n)); got[0] != want {
			t.Errorf("%d zeros: packed as %d, want %d", n, got[0], want)
		}
	}
	equal := false
	for zeros := range 64 { // one of them becomes neither longer nor shorter
		plain := slices.Concat(noise(packFrom), make([]byte, zeros))
		got := pack(plain)
		if got[0] == packedDeflated && len(got) >= len(plain) {
			t.Errorf("%d bytes are packed into %d", len(plain), len(got))
		}
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, flate.BestCompression)
		_, _ = w.Write(plain)
		_ = w.Close()
		equal = equal || b.Len()+1 == len(plain)
		if back, err := unpack(got); err != nil || !bytes.Equal(back, plain) {
			t.Errorf("%d bytes are not what they were: %v", len(plain), err)
		}
	}
	if !equal {
		t.Error("no text keeps its length: the test sees too little")
	}
}

// A link that unfolds to more than the bound is worthless: it is not cut.
func TestUnfoldingIsBounded(t *testing.T) {
	t.Parallel()
	for n, ok := range map[int]bool{maxPlain - 1: true, maxPlain: true, maxPlain + 1: false, 100 * maxPlain: false} {
		got, err := unpack(pack(make([]byte, n)))
		if (err == nil) != ok || ok && len(got) != n || !ok && got != nil {
			t.Errorf("%d bytes: %d, %v", n, len(got), err)
		}
	}
}

// noise is n bytes that cannot be compressed.
func noise(n int) []byte {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}
