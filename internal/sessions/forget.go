package sessions

import "vitrine/auth"

// Forget ends all sessions of a person, on all sites and under whatever user name: those in use when their last reader leaves, and
// those that are only being opened for the requests that wait for them. It gives how many there were. It refuses nothing: who asks
// again is signed in again, as long as the token is accepted.
func (b *Broker) Forget(id *auth.Identity) int {
	if id == nil {
		return 0
	}
	theirs := func(o *owner) bool { return o.issuer == id.Issuer && o.subject == id.Subject }
	n := 0
	b.mu.Lock() // what flies is marked first: what landed before is in the store
	for o, f := range b.flights {
		if theirs(&o) && !f.forgotten {
			f.forgotten = true
			n++
		}
	}
	b.mu.Unlock()
	for _, s := range b.store.all(func(s *session) bool { return theirs(&s.owner) }) {
		if s.users.Load() >= retired {
			continue // it has been forgotten before: the store lets go of it when it sweeps
		}
		n++
		b.out.retire(s)
	}
	return n
}
