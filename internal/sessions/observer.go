package sessions

import "time"

// Observer is notified of what a broker does, for metrics. Its methods are called by several
// goroutines at once and on the way of every read: they return at once. site is a content URL.
type Observer interface {
	// Hit is a use of a session that was already there.
	Hit(site string)
	// Wait is a caller who waited for a sign-in, whether it succeeded or not, or until the caller
	// left.
	Wait(site string, took time.Duration)
	// SignIn is an attempt to open a session at Tableau, look-ups included; err is nil if it
	// succeeded.
	SignIn(site string, took time.Duration, err error)
	// Renewal is a request for another session after Tableau ended the one before.
	Renewal(site string)
	// SignOut is a session that was signed out at Tableau; err is nil if that succeeded.
	SignOut(site string, err error)
}

// Held returns how many sessions this process has. It counts them one by one.
func (b *Broker) Held() int {
	n := 0
	b.store.each(func(*session) { n++ })
	return n
}

// SharedStoreAnswers reports whether replicas share their sessions now; false where they have no
// shared store.
func (b *Broker) SharedStoreAnswers() bool {
	shared, ok := b.shared.(*redisSessions)
	if !ok {
		return false
	}
	store, ok := shared.store.(interface{ Up() bool })
	return ok && store.Up()
}

// noObserver ignores everything.
type noObserver struct{}

func (noObserver) Hit(string)                          {}
func (noObserver) Wait(string, time.Duration)          {}
func (noObserver) SignIn(string, time.Duration, error) {}
func (noObserver) Renewal(string)                      {}
func (noObserver) SignOut(string, error)               {}
