// Package seal encrypts and authenticates what leaves this server and must come back unchanged: the
// entries that replicas share in a store ([EntryKeys]), and content links ([LinkKeys]). Both use
// AES-256-GCM under keys that HKDF derives from the operator's root keys, for one purpose and one
// realm; what is sealed for one Tableau server does not open for another.
//
// There are one or two root keys, the current one first: the current one seals, all open, so that
// keys can be replaced without a stop.
package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"vitrine/internal/tableau"
)

// minRoot is the least length of a root key in bytes.
const minRoot = 32

// tooShort reports whether a root key is shorter than minRoot.
func tooShort(root tableau.Secret) bool { return len(root.Reveal()) < minRoot }

// derive derives a key from a root key (RFC 5869). use separates packages' keys, purpose the keys
// of one use, and realm the servers.
func derive(root tableau.Secret, use, purpose, realm string, size int) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(root.Reveal()), nil, use+"\x00"+purpose+"\x00"+realm, size)
}

// mac is HMAC-SHA256.
func mac(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

// Canonical encodes texts so that no two lists of texts have the same encoding.
func Canonical(texts ...string) []byte {
	var b []byte
	for _, t := range texts {
		b = binary.AppendUvarint(b, uint64(len(t)))
		b = append(b, t...)
	}
	return b
}
