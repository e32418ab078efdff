package sessions

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vitrine/internal/tableau"
)

// jwtMethod is a method that signs JWTs.
type jwtMethod interface {
	Method
	fmt.Stringer
	minter() (*minter, error)
}

// jwtKey is what JWTs are signed with, and what is known of it.
type jwtKey struct {
	*minter
	app *credential
}

// keyDigest distinguishes secrets and keys.
func keyDigest(secret tableau.Secret, id string) [32]byte {
	return sha256.Sum256([]byte(id + "\n" + secret.Reveal()))
}

// Rekey replaces what JWTs are signed with: secrets and private keys, and their ids. All else of the
// methods stays as it was when the broker was made, and so do the sessions. Where anything is wrong,
// nothing is replaced.
func (b *Broker) Rekey(sites []Site) error {
	keys := map[*jwtSigner]*jwtKey{}
	var problems []error
	for _, s := range sites {
		st := b.sites[s.ContentURL]
		method, signs := s.Method.(jwtMethod)
		if st == nil || !signs {
			continue
		}
		signer, ok := st.signer.(*jwtSigner)
		if !ok {
			continue
		}
		if err := s.Method.check(); err != nil {
			problems = append(problems, fmt.Errorf("site %q: %w", s.ContentURL, err))
			continue
		}
		m, err := method.minter()
		if err != nil {
			problems = append(problems, fmt.Errorf("site %q: %w", s.ContentURL, err))
			continue
		}
		if m.digest != signer.key.Load().digest {
			keys[signer] = &jwtKey{m, signer.signerDeps.app(method.String())}
		}
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	labels := map[string]bool{}
	for signer, key := range keys {
		key.now = b.now
		key.app.succeeded() // what was wrong with the key before says nothing of this one
		signer.streak.end()
		signer.key.Store(key)
		labels[key.app.label] = true
	}
	if len(labels) > 0 {
		var names []string
		for label := range labels {
			names = append(names, label)
		}
		slices.Sort(names)
		b.log.Info("a secret was replaced: the new one is in use", "credentials", strings.Join(names, ", "))
	}
	return nil
}
