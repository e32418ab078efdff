package content_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/auth"
	"vitrine/internal/content"
	"vitrine/internal/sessions"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// world is links in front of a stand-in Tableau, with a clock that tests move.
type world struct {
	t      *testing.T
	sim    *tableausim.Server
	broker *sessions.Broker
	links  *content.Links
	server *httptest.Server

	upstream *httptest.Server

	mu      sync.Mutex
	now     time.Time
	allowed map[string]bool           // fields that roles have; all when nil
	tokens  map[string]*auth.Identity // who a bearer token is
	sites   []string
}

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// offered lets tests take a site away.
type offered struct {
	*sessions.Broker
	w *world
}

func (o offered) Sites() []string {
	o.w.mu.Lock()
	defer o.w.mu.Unlock()
	return o.w.sites
}

func newWorld(t *testing.T, sim tableausim.Config, change func(*content.Config)) *world {
	t.Helper()
	w := &world{t: t, now: start, sim: tableausim.New(sim), sites: []string{"", "marketing"}, tokens: map[string]*auth.Identity{}}
	w.upstream = httptest.NewServer(w.sim)
	t.Cleanup(w.upstream.Close)
	client, err := tableau.New(tableau.Config{URL: w.upstream.URL})
	if err != nil {
		t.Fatal(err)
	}
	admin := sessions.Password{Name: "admin", Password: tableau.NewSecret("admin")}
	w.broker, err = sessions.New(sessions.Config{Client: client, Sites: []sessions.Site{{Method: admin}, {ContentURL: "marketing", Method: admin}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.broker.Close(context.Background()) })
	w.links = w.newLinks(change)
	w.server = httptest.NewServer(w.links)
	t.Cleanup(w.server.Close)
	return w
}

func (w *world) newLinks(change func(*content.Config)) *content.Links {
	w.t.Helper()
	c := content.Config{
		PublicURL: "https://bi.example.com", Keys: []tableau.Secret{tableau.NewSecret(strings.Repeat("k", 40))}, Realm: "tests",
		Sessions: offered{w.broker, w}, Now: w.clock,
		Allowed: func(_ context.Context, _ []string, _, field string) bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.allowed == nil || w.allowed[field]
		},
		Roles: func(id *auth.Identity) []string { return id.Groups },
		Identify: func(r *http.Request) (*auth.Identity, error) {
			if id := w.tokens[r.Header.Get("Authorization")]; id != nil {
				return id, nil
			}
			return nil, errors.New("the token is not good")
		},
		Public: func(_ context.Context, err error) content.Refusal {
			switch {
			case tableau.IsKind(err, tableau.RateLimited):
				return content.Refusal{Status: http.StatusTooManyRequests, Code: "TABLEAU_RATE_LIMITED", RetryAfter: 1500 * time.Millisecond}
			case tableau.IsKind(err, tableau.Refused), tableau.IsKind(err, tableau.Missing), errors.Is(err, sessions.ErrUserUnknown):
				return content.Refusal{Status: http.StatusNotFound, Code: "TABLEAU_FORBIDDEN", Message: "no"}
			}
			return content.Refusal{Status: http.StatusBadGateway, Code: "TABLEAU_UNAVAILABLE", Message: "away"}
		},
	}
	if change != nil {
		change(&c)
	}
	links, err := content.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return links
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func person(name string) *auth.Identity {
	return &auth.Identity{
		Issuer: "https://login.example.com", Subject: "sub-" + name, Username: name, Groups: []string{"everyone"},
		Expires: start.Add(time.Hour),
	}
}

// link makes a link for somebody on the default site.
func (w *world) link(name, field string, x *tableau.Export, thing string) *content.Link {
	w.t.Helper()
	l, err := w.links.For(w.t.Context(), person(name), []string{"everyone"}).Link("", field, x, thing)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

func (w *world) image(name string) *content.Link {
	return w.link(name, "View.image", &tableau.Export{Kind: tableau.ViewImage, LUID: w.view()}, "Overview")
}

func (w *world) view() tableau.LUID {
	return tableau.LUID(w.sim.ViewID("", "Superstore/sheets/Overview"))
}

func (w *world) workbook() tableau.LUID { return tableau.LUID(w.sim.WorkbookID("", "Superstore")) }

// reply is an answer of the server.
type reply struct {
	status int
	header http.Header
	body   string
	err    error // of reading the body
}

func (w *world) fetch(address string, header ...string) reply {
	return w.do(http.MethodGet, address, header...)
}

func (w *world) do(method, address string, header ...string) reply {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+strings.TrimPrefix(address, "https://bi.example.com"), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	res, err := w.server.Client().Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	res.Header.Del("Date")
	return reply{res.StatusCode, res.Header, string(body), err}
}
