package sessions

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"vitrine/internal/tableau"
)

// What lies in the shared store can be read by whoever reads the store. So entries are sealed with AES-256-GCM under a key that the
// store never sees, and their names are HMACs: neither tells who has a session, nor what is in it. The name of an entry and all that
// its owner consists of are authenticated with it: an entry that somebody has put in another's place does not open.
//
// A sealed entry is
//
//	version (1 byte) | key id (8) | tag (16) | nonce (12) | ciphertext
//
// The tag is an HMAC of the Tableau token inside. With it the store can take out exactly the session that was found dead, and not
// the one that a replica has just put in its place.

const (
	sealVersion = 1
	keyIDSize   = 8
	tagSize     = 16
	tagAt       = 1 + keyIDSize
	headerSize  = tagAt + tagSize
)

// minRoot is how many bytes a root key has at least.
const minRoot = 32

// tag tells one Tableau session from another without telling its token.
type tag [tagSize]byte

// sealKey is what was derived from one root key.
type sealKey struct {
	id    [keyIDSize]byte
	names []byte // for HMAC
	tags  []byte // for HMAC
	aead  cipher.AEAD
}

// sealKeys are all keys that are in use: the first seals, all open. While keys are being changed there are two.
type sealKeys []*sealKey

// newSealKeys derives the keys of one realm: what is sealed for one Tableau server does not open for another.
func newSealKeys(roots []tableau.Secret, realm string) (sealKeys, error) {
	if len(roots) == 0 || len(roots) > 2 {
		return nil, fmt.Errorf("the shared store takes one or two keys, not %d", len(roots))
	}
	var all sealKeys
	for i, root := range roots {
		if len(root.Reveal()) < minRoot {
			return nil, fmt.Errorf("key %d of the shared store is shorter than %d bytes", i+1, minRoot)
		}
		k, err := newSealKey(root, realm)
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

func newSealKey(root tableau.Secret, realm string) (*sealKey, error) {
	derive := func(purpose string, size int) ([]byte, error) {
		return hkdf.Key(sha256.New, []byte(root.Reveal()), nil, "vitrine shared store v1\x00"+purpose+"\x00"+realm, size)
	}
	parts := [4][]byte{}
	for i, p := range []struct {
		purpose string
		size    int
	}{{"key id", keyIDSize}, {"names", 32}, {"tags", 32}, {"seal", 32}} {
		var err error
		if parts[i], err = derive(p.purpose, p.size); err != nil {
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
	return &sealKey{id: [keyIDSize]byte(parts[0]), names: parts[1], tags: parts[2], aead: aead}, nil
}

// exactly writes texts down so that no two lists of texts give the same bytes.
func exactly(texts ...string) []byte {
	var b []byte
	for _, t := range texts {
		b = binary.AppendUvarint(b, uint64(len(t)))
		b = append(b, t...)
	}
	return b
}

// name is where in the store something of a kind lies. What is about the same has the same end in every kind.
func (k *sealKey) name(prefix string, about []byte) string {
	h := hmac.New(sha256.New, k.names)
	h.Write(about)
	return prefix + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:24])
}

func (k *sealKey) tag(token tableau.Secret) tag {
	h := hmac.New(sha256.New, k.tags)
	h.Write([]byte(token.Reveal()))
	return tag(h.Sum(nil))
}

// seal closes what lies under a name and is about somebody.
func (k *sealKey) seal(name string, about []byte, t tag, plain []byte) []byte {
	sealed := append([]byte{sealVersion}, k.id[:]...)
	sealed = append(sealed, t[:]...)
	return k.aead.Seal(sealed, nil, plain, additional(sealed, name, about))
}

// open gives what was sealed for this name and this owner, or nothing.
func (k *sealKey) open(name string, about, sealed []byte) (plain []byte, ok bool) {
	if len(sealed) < headerSize || sealed[0] != sealVersion || !bytes.Equal(sealed[1:tagAt], k.id[:]) {
		return nil, false
	}
	header := sealed[:headerSize:headerSize]
	plain, err := k.aead.Open(nil, nil, sealed[headerSize:], additional(header, name, about))
	return plain, err == nil
}

// additional is what is authenticated beside the content.
func additional(header []byte, name string, about []byte) []byte {
	b := exactly(string(header), name)
	return append(b, about...)
}

// names are where something lies under each of the keys.
func (all sealKeys) names(prefix string, about []byte) []string {
	names := make([]string, len(all))
	for i, k := range all {
		names[i] = k.name(prefix, about)
	}
	return names
}

// tags are those of one token under each of the keys.
func (all sealKeys) tags(token tableau.Secret) []string {
	tags := make([]string, len(all))
	for i, k := range all {
		t := k.tag(token)
		tags[i] = string(t[:])
	}
	return tags
}

// open tries all keys, whichever the name is of.
func (all sealKeys) open(name string, about, sealed []byte) (plain []byte, ok bool) {
	for _, k := range all {
		if plain, ok = k.open(name, about, sealed); ok {
			return plain, true
		}
	}
	return nil, false
}
