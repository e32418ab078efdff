package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"vitrine/internal/seal"
	"vitrine/internal/tableau"
)

// entryContent is the content of an entry: a session, or the reason why there cannot be one.
type entryContent struct {
	Token    string       `json:"t,omitempty"`
	SiteLUID tableau.LUID `json:"s,omitempty"`
	UserLUID tableau.LUID `json:"u,omitempty"`
	Ends     int64        `json:"e,omitempty"` // Unix nanoseconds
	Logouts  []string     `json:"l,omitempty"` // of the person, when the session was made
	Replaced []byte       `json:"i,omitempty"` // tag of the session that had died
	Refusal  string       `json:"r,omitempty"` // public code
	Public   string       `json:"p,omitempty"`
	Reason   string       `json:"m,omitempty"`
}

func (c *entryContent) grant(site string) *tableau.Grant {
	return &tableau.Grant{Token: tableau.NewSecret(c.Token), ContentURL: site, SiteLUID: c.SiteLUID, UserLUID: c.UserLUID}
}

// refusalKinds are the errors that hold for a person whichever replica asks.
var refusalKinds = map[string]error{"unknown": ErrUserUnknown, "administrator": ErrServerAdministrator}

// lookUpResult is what lookUp found.
type lookUpResult struct {
	content  *entryContent // a session that may be used; nil for none
	left     time.Duration
	refusal  *Error
	unusable bool     // something unusable is stored: it is overwritten
	logouts  []string // of the person, as they are now
}

// lookUp reads the entry of an owner. Anything that does not open for exactly this owner is
// ignored.
func (f *redisSessions) lookUp(w *watch, site string, before *session) (lookUpResult, error) {
	entries, logouts, err := f.store.Read(f.base, w.names, w.logouts)
	if err != nil {
		return lookUpResult{}, err
	}
	got := lookUpResult{logouts: present(logouts)}
	for i, entry := range entries {
		if entry.Value == nil {
			continue
		}
		c := &entryContent{}
		plain, ok := f.keys.Open(w.names[i], w.about, entry.Value)
		if !ok || json.Unmarshal(plain, c) != nil || entry.TTL <= 0 {
			got.unusable = true
			continue
		}
		switch kind := refusalKinds[c.Refusal]; {
		case kind != nil:
			got.refusal = &Error{is: kind, public: c.Public, err: errors.New(c.Reason)}
			return got, nil
		case f.usable(w, site, c, before, got.logouts):
			got.content, got.left = c, min(entry.TTL, f.idle)
			return got, nil
		}
		got.unusable = true
	}
	return got, nil
}

// usable says whether a session from the store may be used. One that a logout has ended is taken
// out and signed out, if no other replica is quicker.
func (f *redisSessions) usable(w *watch, site string, c *entryContent, before *session, logouts []string) bool {
	known := before.is(c)
	switch {
	case c.Token == "" || c.SiteLUID == "" || c.UserLUID == "":
		return false
	case known && before.dead.Load():
		return false
	case before != nil && before.replaced != nil && *before.replaced == f.keys.Tag(tableau.NewSecret(c.Token)):
		return false // it was found dead while the store did not answer
	case c.Ends != 0 && f.now().UnixNano() >= c.Ends:
		return false
	case subset(logouts, c.Logouts):
		return true
	}
	token := tableau.NewSecret(c.Token)
	if n, err := f.store.RemoveTagged(f.base, w.names, f.keys.Tags(token)); err == nil && n > 0 && !known && f.claimSignOut(token) {
		f.signOuts.discard(c.grant(site))
	}
	return false
}

// present are the values that are there.
func present(values [][]byte) (texts []string) {
	for _, v := range values {
		if v != nil {
			texts = append(texts, string(v))
		}
	}
	return texts
}

func subset(of, all []string) bool {
	for _, one := range of {
		if !slices.Contains(all, one) {
			return false
		}
	}
	return true
}

// publish writes a session to the store. From then on other replicas may have it, whether the store
// has confirmed it or not.
func (f *redisSessions) publish(w *watch, s *session, onlyNew bool) (there bool) {
	left := f.idle - s.idleFor(f.now())
	c := entryContent{
		Token: s.grant.Token.Reveal(), SiteLUID: s.grant.SiteLUID, UserLUID: s.grant.UserLUID, Ends: s.ends, Logouts: s.logouts,
	}
	if s.replaced != nil {
		c.Replaced = s.replaced[:]
	}
	plain, err := json.Marshal(c)
	if err != nil || left <= 0 {
		return false
	}
	sealed := f.keys.Seal(w.names[0], w.about, f.keys.Tag(s.grant.Token), plain)
	there, err = f.store.Write(f.base, w.names[0], sealed, left, onlyNew)
	if err != nil || there {
		s.origin.CompareAndSwap(originLocal, originPublished)
	}
	if there {
		s.stored.Store(true)
	}
	return there
}

// publishRefusal shares with other replicas that a person cannot be signed in, if the reason holds
// for every replica.
func (f *redisSessions) publishRefusal(w *watch, err error) {
	var e *Error
	if !errors.As(err, &e) {
		return
	}
	for code, kind := range refusalKinds {
		if !errors.Is(e, kind) {
			continue
		}
		c := entryContent{Refusal: code, Public: e.public}
		if e.err != nil {
			c.Reason = e.err.Error()
		}
		plain, err := json.Marshal(c)
		if err != nil {
			return
		}
		_, _ = f.store.Write(f.base, w.names[0], f.keys.Seal(w.names[0], w.about, seal.Tag{}, plain), refusalAge, false)
	}
}

// drop takes a session out of the store, if it is the one that is stored there.
func (f *redisSessions) drop(s *session) error {
	if s.watch == nil {
		return nil
	}
	_, err := f.store.RemoveTagged(f.base, s.watch.names, f.keys.Tags(s.grant.Token))
	return err
}

// claimSignOut reports whether this replica is to sign out a session that several may have: it is
// the first that says so. While the store does not answer each is.
func (f *redisSessions) claimSignOut(token tableau.Secret) bool {
	tag := f.keys.Tag(token)
	first, err := f.store.Write(f.base, f.keys.Name(prefixGone, tag[:]), []byte{1}, signOutTTL, true)
	return first || err != nil
}

// stillStored reports whether a session is still stored.
func (f *redisSessions) stillStored(s *session) (bool, error) {
	_, values, err := f.store.Read(f.base, nil, s.watch.names)
	if err != nil {
		return false, err
	}
	tags := f.keys.Tags(s.grant.Token)
	for i, v := range values {
		if seal.TagOf(v) == tags[i] {
			return true, nil
		}
	}
	return false, nil
}

// aboutName is what the LUID of a name is authenticated with.
func aboutName(site string, who person) []byte {
	return seal.Canonical(site, who.issuer, who.subject, who.name)
}

func (f *redisSessions) luid(_ context.Context, site string, who person) (l tableau.LUID, left time.Duration, known bool) {
	about := aboutName(site, who)
	names := f.keys.Names(prefixLUID, about)
	values, _, err := f.store.Read(f.base, names, nil)
	if err != nil {
		return "", 0, false
	}
	for i, value := range values {
		if plain, ok := f.keys.Open(names[i], about, value.Value); ok && value.TTL > 0 {
			return tableau.LUID(plain), min(value.TTL, f.luidLife), true
		}
	}
	return "", 0, false
}

func (f *redisSessions) keepLUID(_ context.Context, site string, who person, luid tableau.LUID, left time.Duration) {
	about := aboutName(site, who)
	name := f.keys.Name(prefixLUID, about)
	_, _ = f.store.Write(f.base, name, f.keys.Seal(name, about, seal.Tag{}, []byte(luid)), min(left, f.luidLife), true)
}

func (f *redisSessions) dropLUID(_ context.Context, site string, who person) {
	_ = f.store.Remove(f.base, f.keys.Names(prefixLUID, aboutName(site, who)))
}
