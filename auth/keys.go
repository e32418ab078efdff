package auth

import (
	"context"
	"crypto"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// leastInterval is the time between two fetches that tokens ask for.
	leastInterval = 10 * time.Second
	// refreshAge is when known keys are fetched again before they are used.
	refreshAge = 5 * time.Minute
	// refreshEvery is when the background does so, before a request must wait.
	refreshEvery = refreshAge * 4 / 5
	// staleAge is when keys end that could not be fetched again.
	staleAge = 24 * time.Hour
	// discoveryAge is when the discovery document is fetched again.
	discoveryAge = time.Hour
	// unknownFor is how long a key id that the provider does not have is
	// remembered, and maxUnknown how many are.
	unknownFor = time.Minute
	maxUnknown = 1024
)

var (
	// errUnknownKey says that the provider was asked and has no such key.
	errUnknownKey = errors.New("no such key")
	// errTooSoon is why a key set was not fetched for a key id that is not known.
	errTooSoon = errors.New("the keys were fetched for another unknown key id a moment ago")
)

// keyring holds the keys of one issuer, and decides when to ask for them.
//
// The rules: known keys are used without asking. A key id that is not known, and
// a bad signature by a known key, which may have been replaced under its id, are
// worth one fetch, at once, but only one of all per leastInterval. A token whose
// key id was never asked for is not called bad before the provider was asked:
// until then the answer is to try again. Fetches run one at a time, under the
// server's context rather than that of the request that asked.
type keyring struct {
	provider *provider
	now      func() time.Time
	log      *slog.Logger
	base     context.Context // the server's life, for work that outlives a request

	mu      sync.Mutex
	keys    []publicKey
	loaded  time.Time            // last good answer; zero: never
	tried   time.Time            // begin of the last fetch
	asked   time.Time            // begin of the last fetch that an unknown key id caused
	failed  error                // why the last fetch failed; nil if it did not
	unknown map[string]time.Time // key ids that the provider did not have, and when
	doc     document
	docAt   time.Time
	fetch   *fetch             // under way, or nil
	unnamed bool               // a good token named no key
	rest    context.CancelFunc // ends the loop that keeps keys fresh; nil where there is none
}

// fetch is one fetch under way; done is closed when its result is stored.
type fetch struct {
	done chan struct{}
	err  error
}

// find returns the keys that may have signed a token with this key id and
// algorithm. With a known id that list may be empty: the key is of another kind.
func (k *keyring) find(ctx context.Context, kid, alg string) ([]crypto.PublicKey, error) {
	if err := k.fresh(ctx); err != nil {
		return nil, err
	}
	// The second turn is for those who waited for a fetch that began before them:
	// it may have missed a key that is newer.
	for range 2 {
		if keys, known := k.match(kid, alg); known {
			return keys, nil
		}
		own, err := k.ask(ctx, kid)
		if err != nil {
			return nil, err
		}
		if own {
			break
		}
	}
	keys, known := k.match(kid, alg)
	if !known {
		return nil, errUnknownKey
	}
	return keys, nil
}

// match looks among the known keys. A token without a key id may be signed by
// any key of its kind.
func (k *keyring) match(kid, alg string) (keys []crypto.PublicKey, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		if kid != "" && key.id != kid {
			continue
		}
		if key.fits(alg) {
			keys, known = append(keys, key.key), true
		}
		known = known || kid != ""
	}
	return keys, known
}

// fresh makes sure that there are keys, and not too old ones. It waits only if
// none are loaded, or if the provider seems to be well.
func (k *keyring) fresh(ctx context.Context) error {
	k.mu.Lock()
	now, age := k.now(), k.now().Sub(k.loaded)
	never := k.loaded.IsZero() || age >= staleAge
	pause := k.fetch == nil && k.failed != nil && now.Sub(k.tried) < leastInterval
	switch {
	case never && pause:
		defer k.mu.Unlock()
		return k.unavailable(now)
	case !never && (age < refreshAge || pause):
		k.mu.Unlock()
		return nil
	}
	well := k.failed == nil
	f := k.start(now)
	k.mu.Unlock()
	if !never && !well {
		return nil
	}
	err := f.wait(ctx)
	if !never || err == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return unavailable(k.provider.issuer, k.retryAfter(k.now(), k.tried), err)
}

// ask has the keys fetched because of a key id that is not known, or "" for a
// token that names none; own is false if the fetch had begun before. Without
// leave to fetch it says why not.
func (k *keyring) ask(ctx context.Context, kid string) (own bool, err error) {
	k.mu.Lock()
	now := k.now()
	if at, ok := k.unknown[kid]; ok && now.Sub(at) < unknownFor {
		k.mu.Unlock()
		return false, errUnknownKey
	}
	f := k.fetch
	if own = f == nil; own {
		if !k.asked.IsZero() && now.Sub(k.asked) < leastInterval {
			defer k.mu.Unlock()
			if k.failed != nil {
				return false, k.unavailable(now)
			}
			if kid == "" && !k.unnamed && k.named() {
				return false, errUnknownKey // this provider's tokens name their keys
			}
			return false, undecided(k.retryAfter(now, k.asked))
		}
		k.asked = now
		f = k.start(now)
	}
	k.mu.Unlock()
	if err := f.wait(ctx); err != nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		return own, unavailable(k.provider.issuer, k.retryAfter(k.now(), k.asked), err)
	}
	if own {
		k.remember(kid, now)
	}
	return own, nil
}

// remember notes a key id that even a fetch did not bring.
func (k *keyring) remember(kid string, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if kid == "" || slices.ContainsFunc(k.keys, func(key publicKey) bool { return key.id == kid }) {
		return // each token without a key id may have another key
	}
	if len(k.unknown) >= maxUnknown {
		clear(k.unknown) // costs at most one fetch per interval, as any new id does
	}
	k.unknown[kid] = now
}

// recheck fetches once more for a token whose signature does not fit the keys
// known under its key id: the provider may have replaced a key. It returns the
// keys to try again. While that may not be fetched, or cannot, a token that names
// a known key is a bad one: what a forged token gets must not depend on other
// requests.
func (k *keyring) recheck(ctx context.Context, kid, alg string) ([]crypto.PublicKey, error) {
	for range 2 { // as in find
		own, err := k.ask(ctx, kid)
		if err != nil && kid != "" {
			return nil, errUnknownKey
		}
		if err != nil {
			return nil, err
		}
		if own {
			break
		}
	}
	keys, _ := k.match(kid, alg)
	return keys, nil
}

// good notes that a token with this key id was good.
func (k *keyring) good(kid string) {
	if kid != "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.unnamed = true
}

// named reports whether all known keys have ids. The lock is held.
func (k *keyring) named() bool {
	return !slices.ContainsFunc(k.keys, func(key publicKey) bool { return key.id == "" })
}

// unavailable is called with the lock held.
func (k *keyring) unavailable(now time.Time) *Error {
	return unavailable(k.provider.issuer, k.retryAfter(now, k.tried), k.failed)
}

// retryAfter is when the next fetch may be made, at least a second.
func (k *keyring) retryAfter(now, since time.Time) time.Duration {
	return max(time.Second, leastInterval-now.Sub(since))
}

// start begins a fetch, or joins the one under way. The lock is held.
func (k *keyring) start(now time.Time) *fetch {
	if k.fetch == nil {
		f := &fetch{done: make(chan struct{})}
		k.fetch, k.tried = f, now
		go k.run(f, k.doc, now.Sub(k.docAt) >= discoveryAge || k.failed != nil)
	}
	return k.fetch
}

func (f *fetch) wait(ctx context.Context) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run fetches and stores. A document that is known serves on if only discovery fails.
func (k *keyring) run(f *fetch, doc document, rediscover bool) {
	var keys []publicKey
	var err error
	found := false
	if rediscover || doc.Keys == "" {
		var fresh document
		if fresh, err = k.provider.discover(k.base); err == nil {
			doc, found = fresh, true
		}
	}
	if doc.Keys != "" {
		keys, err = k.provider.keys(k.base, doc)
	}
	if err == nil && len(keys) == 0 {
		err = errors.New("keys: the provider publishes no key that can check signatures")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if found {
		k.doc, k.docAt = doc, k.now()
	}
	k.store(keys, err)
	f.err = err
	k.fetch = nil
	close(f.done)
}

// store keeps the result. An empty set, well formed, is the provider's word that
// no key is good any more; any other failure leaves the known keys alone.
func (k *keyring) store(keys []publicKey, err error) {
	issuer := slog.String("issuer", k.provider.issuer)
	switch {
	case err != nil && k.failed == nil && k.base.Err() == nil:
		k.log.Warn("identity provider unavailable", issuer, slog.Any("error", err))
	case err == nil && (k.failed != nil || k.loaded.IsZero()):
		k.log.Info("identity provider available", issuer, slog.Int("keys", len(keys)))
	}
	k.failed = err
	if keys != nil {
		if err == nil {
			k.withdraw(keys)
		}
		k.keys = keys
	}
	if err == nil {
		k.loaded = k.now()
	}
}

// withdraw remembers the ids of keys that the provider has taken out of its set:
// tokens that name them are bad, and not worth a fetch. The lock is held.
func (k *keyring) withdraw(next []publicKey) {
	for _, old := range k.keys {
		gone := old.id != "" && !slices.ContainsFunc(next, func(key publicKey) bool { return key.id == old.id })
		if gone && len(k.unknown) < maxUnknown {
			k.unknown[old.id] = k.now()
		}
	}
}

// loop keeps the keys fresh until ctx ends, and asks a provider that is down
// again after 1, 2, 4 … 60 seconds.
// keepFresh starts the loop of a keyring that has none.
func (k *keyring) keepFresh(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rest != nil {
		return
	}
	ctx, k.rest = context.WithCancel(ctx)
	go k.loop(ctx)
}

// retire ends the loop.
func (k *keyring) retire() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rest != nil {
		k.rest()
	}
}

func (k *keyring) loop(ctx context.Context) {
	backoff := time.Second
	for {
		k.mu.Lock()
		f := k.start(k.now())
		k.mu.Unlock()
		delay := refreshEvery
		if f.wait(ctx) != nil {
			delay, backoff = backoff, min(2*backoff, time.Minute)
		} else {
			backoff = time.Second
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(delay):
		}
	}
}

// ready reports whether the keys were ever loaded.
func (k *keyring) ready() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.loaded.IsZero()
}

// userInfo returns the address of the UserInfo endpoint, "" if absent.
func (k *keyring) userInfo() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.doc.UserInfo
}

// discovered is the discovery document, as it was last fetched.
func (k *keyring) discovered() document {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.doc
}
