package content

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"vitrine/internal/tableau"
)

// A link is, in base64url without padding,
//
//	version (1 byte) | key id (4) | mark (16) | AES-256-GCM of the content
//
// The mark is an HMAC of the content, and each link is sealed under a key of its own that is derived from the mark: so the same
// content gives the same link, which browsers need to keep what they fetched, and no key ever seals two contents, which is what GCM
// must not do.

const (
	sealVersion = 1
	keyIDSize   = 4
	markSize    = 16
	headerSize  = 1 + keyIDSize + markSize
	tagSize     = 16
	// maxLink is how many characters a link has at most: what stands between browsers and here takes lines of 8 kB as a rule.
	maxLink = 7000
	// maxPlain bounds what a link unfolds to.
	maxPlain = 256 << 10
	// minRoot is how many bytes a root key has at least.
	minRoot = 32
)

// key is what was derived from one root key.
type key struct {
	id    [keyIDSize]byte
	marks []byte // for HMAC
	seals []byte // for HMAC: the keys of links
}

// keys are all that are in use: the first seals, all open.
type keys []*key

// newKeys derives keys from root keys; where there are none from a random one, so that links end with the process. realm keeps apart
// what has the same root keys and serves something else.
func newKeys(roots []tableau.Secret, realm string) (keys, error) {
	if len(roots) == 0 {
		roots = []tableau.Secret{tableau.NewSecret(rand.Text() + rand.Text())}
	}
	var all keys
	for i, root := range roots {
		if len(root.Reveal()) < minRoot {
			return nil, fmt.Errorf("content: key %d is shorter than %d bytes", i+1, minRoot)
		}
		k, err := newKey(root, realm)
		if err != nil {
			return nil, fmt.Errorf("content: key %d: %w", i+1, err)
		}
		all = append(all, k)
	}
	return all, nil
}

func newKey(root tableau.Secret, realm string) (*key, error) {
	parts := [3][]byte{}
	for i, p := range []struct {
		purpose string
		size    int
	}{{"key id", keyIDSize}, {"marks", 32}, {"seals", 32}} {
		var err error
		parts[i], err = hkdf.Key(sha256.New, []byte(root.Reveal()), nil, "vitrine content links v1\x00"+p.purpose+"\x00"+realm, p.size)
		if err != nil {
			return nil, err
		}
	}
	return &key{id: [keyIDSize]byte(parts[0]), marks: parts[1], seals: parts[2]}, nil
}

func authenticated(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

func (k *key) mark(plain []byte) []byte { return authenticated(k.marks, plain)[:markSize] }

// aead is the cipher of one link.
func (k *key) aead(mark []byte) cipher.AEAD {
	block, err := aes.NewCipher(authenticated(k.seals, mark))
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has blocks of 16 bytes
	}
	return aead
}

// noNonce is right where each key seals one text alone.
var noNonce [12]byte

// seal closes a content. Where it is too long for a link, size says how long the link would be.
func (all keys) seal(plain []byte) (link string, size int) {
	k, packed := all[0], pack(plain)
	mark := k.mark(packed)
	sealed := append([]byte{sealVersion}, k.id[:]...)
	sealed = append(sealed, mark...)
	sealed = k.aead(mark).Seal(sealed, noNonce[:], packed, sealed)
	if size = base64.RawURLEncoding.EncodedLen(len(sealed)); size > maxLink {
		return "", size
	}
	return base64.RawURLEncoding.EncodeToString(sealed), size
}

var errSeal = errors.New("it is no link of this server, or was altered")

// open gives what was sealed.
func (all keys) open(link string) ([]byte, error) {
	if len(link) > maxLink {
		return nil, errSeal
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(link)
	if err != nil || len(sealed) < headerSize+tagSize || sealed[0] != sealVersion {
		return nil, errSeal
	}
	header, mark := sealed[:headerSize:headerSize], sealed[headerSize-markSize:headerSize]
	for _, k := range all {
		if !bytes.Equal(k.id[:], sealed[1:1+keyIDSize]) {
			continue
		}
		packed, err := k.aead(mark).Open(nil, noNonce[:], sealed[headerSize:], header)
		if err == nil && subtle.ConstantTimeCompare(mark, k.mark(packed)) == 1 {
			return unpack(packed)
		}
	}
	return nil, errSeal
}

// How a content is packed: as it is, or deflated.
const (
	packedPlain    = 0
	packedDeflated = 1
	// packFrom is from how many bytes on packing is worth it.
	packFrom = 400
)

// pack makes a content shorter, always in the same way.
func pack(plain []byte) []byte {
	if len(plain) >= packFrom {
		var b bytes.Buffer
		b.WriteByte(packedDeflated)
		w, _ := flate.NewWriter(&b, flate.BestCompression) // the level is one that there is
		_, _ = w.Write(plain)                              // into memory
		_ = w.Close()
		if b.Len() < len(plain) {
			return b.Bytes()
		}
	}
	return append([]byte{packedPlain}, plain...)
}

func unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, errSeal
	}
	if packed[0] == packedPlain {
		return packed[1:], nil
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed[1:])), maxPlain+1))
	if err != nil || len(plain) > maxPlain {
		return nil, errSeal
	}
	return plain, nil
}
