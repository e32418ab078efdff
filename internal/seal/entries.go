package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"

	"vitrine/internal/tableau"
)

// Anyone who reads the shared store can read its entries. So entries are sealed under a key that
// the store never sees, and their names are HMACs: neither shows who has a session, nor what is in
// it. An entry is authenticated with its name and with all that its owner consists of: an entry
// that somebody has moved to another name does not open.
//
// A sealed entry is
//
//	version (1 byte) | key id (8) | tag (16) | nonce (12) | ciphertext
//
// The tag is an HMAC of the Tableau token inside. With it the store can remove exactly the session
// that was found dead, and not one that a replica has just stored in its place.

const (
	entryVersion    = 1
	entryKeyIDSize  = 8
	tagStart        = 1 + entryKeyIDSize
	entryHeaderSize = tagStart + TagSize
	// TagSize is the size of a [Tag].
	TagSize = 16
)

// entryUse separates the keys of entries from others of the same root key. It never changes: stored
// entries would not open.
const entryUse = "vitrine shared store v1"

// Tag distinguishes one Tableau session from another without revealing its token.
type Tag [TagSize]byte

// entryKey is derived from one root key.
type entryKey struct {
	id    [entryKeyIDSize]byte
	names []byte // for HMAC
	tags  []byte // for HMAC
	aead  cipher.AEAD
}

// EntryKeys seal and open the entries of a shared store.
type EntryKeys []*entryKey

// NewEntryKeys derives the keys of one realm from one or two root keys.
func NewEntryKeys(roots []tableau.Secret, realm string) (EntryKeys, error) {
	if len(roots) == 0 || len(roots) > 2 {
		return nil, fmt.Errorf("the shared store takes one or two keys, not %d", len(roots))
	}
	var all EntryKeys
	for i, root := range roots {
		if tooShort(root) {
			return nil, fmt.Errorf("key %d of the shared store is shorter than %d bytes", i+1, minRoot)
		}
		k, err := newEntryKey(root, realm)
		if err != nil {
			return nil, fmt.Errorf("key %d of the shared store: %w", i+1, err)
		}
		if len(all) > 0 && all[0].id == k.id {
			return nil, errors.New("the two keys of the shared store are the same")
		}
		all = append(all, k)
	}
	return all, nil
}

func newEntryKey(root tableau.Secret, realm string) (*entryKey, error) {
	parts := [4][]byte{}
	for i, p := range []struct {
		purpose string
		size    int
	}{{"key id", entryKeyIDSize}, {"names", 32}, {"tags", 32}, {"seal", 32}} {
		var err error
		if parts[i], err = derive(root, entryUse, p.purpose, realm, p.size); err != nil {
			return nil, err
		}
	}
	block, err := aes.NewCipher(parts[3])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &entryKey{id: [entryKeyIDSize]byte(parts[0]), names: parts[1], tags: parts[2], aead: aead}, nil
}

func (k *entryKey) name(prefix string, about []byte) string {
	return prefix + base64.RawURLEncoding.EncodeToString(mac(k.names, about)[:24])
}

func (k *entryKey) tag(token tableau.Secret) Tag { return Tag(mac(k.tags, []byte(token.Reveal()))) }

func (k *entryKey) open(name string, about, sealed []byte) (plain []byte, ok bool) {
	if len(sealed) < entryHeaderSize || sealed[0] != entryVersion || !bytes.Equal(sealed[1:tagStart], k.id[:]) {
		return nil, false
	}
	header := sealed[:entryHeaderSize:entryHeaderSize]
	plain, err := k.aead.Open(nil, nil, sealed[entryHeaderSize:], additionalData(header, name, about))
	return plain, err == nil
}

// additionalData is authenticated with the content.
func additionalData(header []byte, name string, about []byte) []byte {
	return append(Canonical(string(header), name), about...)
}

// Name returns the name of an entry of a kind. Names about the same subject have the same end in
// every kind.
func (all EntryKeys) Name(prefix string, about []byte) string { return all[0].name(prefix, about) }

// Names returns the name of an entry under each of the keys, that of the current one first.
func (all EntryKeys) Names(prefix string, about []byte) []string {
	names := make([]string, len(all))
	for i, k := range all {
		names[i] = k.name(prefix, about)
	}
	return names
}

// Tag returns the tag of a token.
func (all EntryKeys) Tag(token tableau.Secret) Tag { return all[0].tag(token) }

// Tags returns the tags of a token under each of the keys.
func (all EntryKeys) Tags(token tableau.Secret) []string {
	tags := make([]string, len(all))
	for i, k := range all {
		t := k.tag(token)
		tags[i] = string(t[:])
	}
	return tags
}

// TagOf returns the tag of a sealed entry; empty for what is too short to be one.
func TagOf(sealed []byte) string {
	if len(sealed) < entryHeaderSize {
		return ""
	}
	return string(sealed[tagStart:entryHeaderSize])
}

// Seal encrypts the content of an entry for its name and its owner.
func (all EntryKeys) Seal(name string, about []byte, t Tag, plain []byte) []byte {
	k := all[0]
	sealed := append([]byte{entryVersion}, k.id[:]...)
	sealed = append(sealed, t[:]...)
	return k.aead.Seal(sealed, nil, plain, additionalData(sealed, name, about))
}

// Open returns the content that was sealed for this name and this owner, under any of the keys.
func (all EntryKeys) Open(name string, about, sealed []byte) (plain []byte, ok bool) {
	for _, k := range all {
		if plain, ok = k.open(name, about, sealed); ok {
			return plain, true
		}
	}
	return nil, false
}
