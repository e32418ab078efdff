package content

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"vitrine/auth"
	"vitrine/internal/seal"
	"vitrine/internal/tableau"
)

// Sessions gives the reading side of one person on one site; internal/sessions implements it.
type Sessions interface {
	// Session signs in when it has to, which may be as late as the first read.
	Session(ctx context.Context, id *auth.Identity, contentURL string) (*tableau.Session, error)
	// Sites are the content URLs that the operator offers.
	Sites() []string
	// Logouts are marks of a person's logouts: what was given to them while a mark was not there is
	// over.
	Logouts(ctx context.Context, id *auth.Identity) []string
}

// Config is what links need.
type Config struct {
	PublicURL string           // where browsers reach this server, without a slash at the end
	Keys      []tableau.Secret // root keys, the current one first; a random one if empty
	Realm     string           // what the links are for: others do not open here although they have the same keys
	Lifetime  time.Duration    // of a link; 5 minutes when zero
	Sessions  Sessions
	Origins   []string // of front ends elsewhere: the page of a refusal may link back to them
	// Allowed says whether these roles have a field, such as View.image, on a site.
	Allowed func(ctx context.Context, roles []string, site, field string) bool
	// Roles are those of an identity.
	Roles func(*auth.Identity) []string
	// Identify reads the header Authorization of a request that has one.
	Identify func(*http.Request) (*auth.Identity, error)
	// Public returns the public form of an error of Tableau or of a sign-in.
	Public func(context.Context, error) Refusal
	// Observe adds to the log event of the request.
	Observe func(context.Context, ...slog.Attr)
	// Fetching is called before what is behind a good link is fetched, which is done within the
	// request that it returns; nil for none.
	Fetching func(*http.Request) *http.Request
	Now      func() time.Time // time.Now when nil
}

const defaultLifetime = 5 * time.Minute

// Links makes and serves content links. It is made by [New] and used by any number of goroutines.
type Links struct {
	Config
	keys    seal.LinkKeys
	readers *readers
}

// New makes links of one server.
func New(c Config) (*Links, error) {
	if c.Lifetime == 0 {
		c.Lifetime = defaultLifetime
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Observe == nil {
		c.Observe = func(context.Context, ...slog.Attr) {}
	}
	if c.Sessions == nil || c.Allowed == nil || c.Roles == nil || c.Identify == nil || c.Public == nil || c.Lifetime < 2*time.Second {
		return nil, errors.New("content: something that links need is missing")
	}
	k, err := seal.NewLinkKeys(c.Keys, c.Realm)
	if err != nil {
		return nil, fmt.Errorf("content: %w", err)
	}
	return &Links{Config: c, keys: k, readers: newReaders()}, nil
}

// linkPayload is what a link says. Nothing in it is secret, but it is nobody's to read or to
// change.
type linkPayload struct {
	Issuer   string              `json:"i"`
	Subject  string              `json:"s"`
	Username string              `json:"u"`
	Session  string              `json:"d,omitempty"` // of the person at the provider
	Claims   map[string][]string `json:"c,omitempty"` // that shape the person's sessions
	Roles    []string            `json:"r"`
	Site     string              `json:"t,omitempty"`
	Field    string              `json:"f"` // that gave the link: View.image
	Export   *tableau.Export     `json:"x"`
	Name     string              `json:"n,omitempty"` // of the thing, for a file's name
	Logouts  []string            `json:"l,omitempty"` // of the person, when the link was made
	As       tableau.Disposition `json:"a,omitempty"` // where it differs from that of the kind of content
	Ends     int64               `json:"e"`           // Unix seconds
}

// behind is what the link gives, as a text: links that were made at other times give the same.
func (l *linkPayload) behind() string {
	text, err := json.Marshal([]any{l.Site, l.Field, l.Export})
	if err != nil {
		return "" // it was read from JSON
	}
	return string(text)
}

// identity is the person who asked, with what a session needs.
func (l *linkPayload) identity() *auth.Identity {
	return &auth.Identity{
		Issuer: l.Issuer, Subject: l.Subject, Username: l.Username, SessionID: l.Session, Claims: l.Claims, Expires: time.Unix(l.Ends, 0),
	}
}

// is says whether the identity is the one that asked.
func (l *linkPayload) is(id *auth.Identity) bool {
	return l.Issuer == id.Issuer && l.Subject == id.Subject && l.Username == id.Username && maps.EqualFunc(l.Claims, id.Claims, slices.Equal)
}

// Link is a content link.
type Link struct {
	URL       string
	Ends      time.Time
	MediaType string
	FileName  string
	As        tableau.Disposition
}

// Linker makes links for one person in one operation.
type Linker struct {
	links   *Links
	id      *auth.Identity
	roles   []string
	logouts func() []string
}

// For returns a Linker for a person; roles are those that the operation is answered in. Nothing is
// read yet.
func (s *Links) For(ctx context.Context, id *auth.Identity, roles []string) *Linker {
	return &Linker{links: s, id: id, roles: slices.Sorted(slices.Values(roles)), logouts: sync.OnceValue(func() []string {
		return s.Sessions.Logouts(ctx, id)
	})}
}

// Link makes a link to content of a site, for a field such as View.image. name is that of the
// thing, for the name of the file. The same person and content get the same link for a while.
func (o *Linker) Link(site, field string, x *tableau.Export, name string) (*Link, error) {
	return o.LinkAs(site, field, x, name, "")
}

// LinkAs is as Link, with what a browser is to do with the content: by its kind if as is empty.
func (o *Linker) LinkAs(site, field string, x *tableau.Export, name string, as tableau.Disposition) (*Link, error) {
	form, ok := forms[x.Kind]
	if !ok {
		return nil, fmt.Errorf("content: nothing is known of %q", x.Kind)
	}
	form = form.of(x)
	if form.as(as) == form.as("") {
		as = "" // so it is the same link
	}
	l := linkPayload{
		Issuer: o.id.Issuer, Subject: o.id.Subject, Username: o.id.Username, Session: o.id.SessionID, Claims: o.id.Claims, Roles: o.roles, Site: site, Field: field,
		Export: x, Name: shortened(name), Logouts: o.logouts(), As: as,
	}
	if len(l.Claims) == 0 {
		l.Claims = nil
	}
	text, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("content: writing a link down: %w", err)
	}
	l.Ends = o.end(text)
	if text, err = json.Marshal(l); err != nil {
		return nil, fmt.Errorf("content: writing a link down: %w", err)
	}
	address, size := o.links.keys.Seal(text)
	if address == "" {
		return nil, &tableau.InputError{Reason: fmt.Sprintf(
			"the address of this content would have %d characters, and %d at most will do: name fewer filter values, or shorter ones", size, seal.MaxLink)}
	}
	return &Link{
		URL: o.links.PublicURL + "/content/" + address, Ends: time.Unix(l.Ends, 0).UTC(),
		MediaType: strings.TrimSuffix(form.media, charset), FileName: fileName(l.Name, form.extension), As: form.as(as),
	}, nil
}

// end says when a link ends: between half and the whole of the lifetime from now, and not after the
// token that asked. It stays the same for half the lifetime, and changes for each content at
// another time.
func (o *Linker) end(text []byte) int64 {
	half := int64(o.links.Lifetime / time.Second / 2)
	h := fnv.New64a()
	_, _ = h.Write(text) // a hash takes everything
	phase := int64(h.Sum64() % uint64(half))
	now := o.links.Now().Unix()
	end := ((now-phase)/half+2)*half + phase
	return min(end, o.id.Expires.Unix())
}

// open gives what a link says, or why it is worth nothing.
func (s *Links) open(ctx context.Context, address string) (*linkPayload, error) {
	text, err := s.keys.Open(address)
	if err != nil {
		return nil, err
	}
	l := &linkPayload{}
	if err := json.Unmarshal(text, l); err != nil || l.Export == nil {
		return nil, seal.ErrLink
	}
	switch {
	case s.Now().Unix() >= l.Ends:
		return l, errors.New("it has expired")
	case !slices.Contains(s.Sessions.Sites(), l.Site):
		return l, errors.New("its site is not offered any more")
	case !s.Allowed(ctx, l.Roles, l.Site, l.Field):
		return l, errors.New("its roles do not have the field any more")
	}
	for _, mark := range s.Sessions.Logouts(ctx, l.identity()) {
		if !slices.Contains(l.Logouts, mark) {
			return l, errors.New("the person has logged out")
		}
	}
	return l, nil
}
