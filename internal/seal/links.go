package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"

	"vitrine/internal/tableau"
)

// A link is, in base64url without padding,
//
//	version (1 byte) | key id (4) | mark (16) | AES-256-GCM of the content
//
// The mark is an HMAC of the content, and each link is sealed under its own key, which is derived
// from the mark. So the same content gives the same link, which browsers need to cache what they
// fetched, and no key ever seals two contents, which GCM forbids.

const (
	linkVersion    = 1
	linkKeyIDSize  = 4
	markSize       = 16
	linkHeaderSize = 1 + linkKeyIDSize + markSize
	gcmTagSize     = 16
	// MaxLink is the greatest length of a link in characters: proxies usually accept lines of 8 kB.
	MaxLink = 7000
)

// linkUse separates the keys of links from others of the same root key.
const linkUse = "vitrine content links v1"

// linkKey is derived from one root key.
type linkKey struct {
	id    [linkKeyIDSize]byte
	marks []byte // for HMAC
	seals []byte // for HMAC: the keys of links
}

// LinkKeys seal and open links.
type LinkKeys []*linkKey

// NewLinkKeys derives the keys of one realm from root keys. Without root keys it takes a random
// one: links then end with the process.
func NewLinkKeys(roots []tableau.Secret, realm string) (LinkKeys, error) {
	if len(roots) == 0 {
		roots = []tableau.Secret{tableau.NewSecret(rand.Text() + rand.Text())}
	}
	var all LinkKeys
	for i, root := range roots {
		if tooShort(root) {
			return nil, fmt.Errorf("key %d is shorter than %d bytes", i+1, minRoot)
		}
		k, err := newLinkKey(root, realm)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		all = append(all, k)
	}
	return all, nil
}

func newLinkKey(root tableau.Secret, realm string) (*linkKey, error) {
	parts := [3][]byte{}
	for i, p := range []struct {
		purpose string
		size    int
	}{{"key id", linkKeyIDSize}, {"marks", 32}, {"seals", 32}} {
		var err error
		if parts[i], err = derive(root, linkUse, p.purpose, realm, p.size); err != nil {
			return nil, err
		}
	}
	return &linkKey{id: [linkKeyIDSize]byte(parts[0]), marks: parts[1], seals: parts[2]}, nil
}

func (k *linkKey) mark(plain []byte) []byte { return mac(k.marks, plain)[:markSize] }

// aead is the cipher of one link.
func (k *linkKey) aead(mark []byte) cipher.AEAD {
	block, err := aes.NewCipher(mac(k.seals, mark))
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has blocks of 16 bytes
	}
	return aead
}

// noNonce is safe because each key seals one content only.
var noNonce [12]byte

// Seal encrypts a content. If the link would be longer than [MaxLink], it is empty, and size is its
// length.
func (all LinkKeys) Seal(plain []byte) (link string, size int) {
	k, packed := all[0], pack(plain)
	mark := k.mark(packed)
	sealed := append([]byte{linkVersion}, k.id[:]...)
	sealed = append(sealed, mark...)
	sealed = k.aead(mark).Seal(sealed, noNonce[:], packed, sealed)
	if size = base64.RawURLEncoding.EncodedLen(len(sealed)); size > MaxLink {
		return "", size
	}
	return base64.RawURLEncoding.EncodeToString(sealed), size
}

// ErrLink reports that a link was not sealed by this server, or was altered.
var ErrLink = errors.New("it is no link of this server, or was altered")

// Open returns the content of a link, or [ErrLink].
func (all LinkKeys) Open(link string) ([]byte, error) {
	if len(link) > MaxLink {
		return nil, ErrLink
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(link)
	if err != nil || len(sealed) < linkHeaderSize+gcmTagSize || sealed[0] != linkVersion {
		return nil, ErrLink
	}
	if base64.RawURLEncoding.EncodeToString(sealed) != link { // line breaks are passed over in decoding
		return nil, ErrLink
	}
	header, mark := sealed[:linkHeaderSize:linkHeaderSize], sealed[linkHeaderSize-markSize:linkHeaderSize]
	for _, k := range all {
		if !bytes.Equal(k.id[:], sealed[1:1+linkKeyIDSize]) {
			continue
		}
		packed, err := k.aead(mark).Open(nil, noNonce[:], sealed[linkHeaderSize:], header)
		if err == nil && subtle.ConstantTimeCompare(mark, k.mark(packed)) == 1 {
			return unpack(packed)
		}
	}
	return nil, ErrLink
}
