//go:build unix

package bench

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"vitrine/test/bench/memory"
)

// imageBytes is the size of the images that the stub sends.
const imageBytes = 300_000

// stub is a neutral stand-in for Tableau that costs next to nothing, so that a small machine has
// its processors for those that are measured: it renders each list once. It knows what the queries
// of the bench need, and refuses all else.
type stub struct {
	latency time.Duration
	lists   map[string]*stubList
	users   map[string]string // name to LUID
	site    string
	image   []byte

	mu      sync.Mutex
	people  map[string]string // token to name
	answers map[string][]byte // rendered lists
	calls   []string          // since the last report
}

const stubVersion = "3.27"

func newStub(site *memory.Site, latency time.Duration) *stub {
	s := &stub{
		latency: latency, site: luid("site", 0), lists: map[string]*stubList{}, users: map[string]string{},
		people: map[string]string{}, answers: map[string][]byte{},
	}
	s.image = make([]byte, imageBytes)
	_, _ = rand.Read(s.image)
	copy(s.image, "\x89PNG\r\n\x1a\n")
	for i := range benchUsers {
		s.users[userName(i)] = luid("user", i)
	}
	s.lists["users"] = stubUsers()
	s.lists["projects"] = stubProjects(site)
	s.lists["workbooks"] = stubWorkbooks(site)
	s.lists["views"] = stubViews(site)
	return s
}

func (s *stub) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/{version}/auth/signin", s.signIn)
	mux.HandleFunc("POST /api/{version}/auth/signout", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /api/{version}/serverinfo", func(w http.ResponseWriter, _ *http.Request) {
		send(w, fmt.Appendf(nil, `{"serverInfo":{"productVersion":{"value":"2025.3.0","build":"20253.25.1010.0815"},"restApiVersion":%q}}`, stubVersion))
	})
	const site = "GET /api/{version}/sites/{site}/"
	mux.HandleFunc(site+"{list}", s.known(s.list))
	mux.HandleFunc(site+"{list}/{id}", s.known(s.item))
	mux.HandleFunc(site+"workbooks/{id}/views", s.known(func(w http.ResponseWriter, r *http.Request) {
		s.respond(w, r, s.lists["views"].where("workbook.id", r.PathValue("id")))
	}))
	mux.HandleFunc(site+"views/{id}/image", s.known(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(s.image)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(s.latency) // real time: it is what a Tableau server takes
		s.mu.Lock()
		s.calls = append(s.calls, r.Method+" "+r.URL.RequestURI())
		s.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

// taken returns the calls since the last time.
func (s *stub) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// signIn takes any JWT of a connected app for its subject: what it costs to verify one is not
// measured.
func (s *stub) signIn(w http.ResponseWriter, r *http.Request) {
	var body struct{ Credentials struct{ JWT string } }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		refuse(w, http.StatusBadRequest, "400000", err.Error())
		return
	}
	var claims struct{ Sub string }
	parts := strings.Split(body.Credentials.JWT, ".")
	text, err := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
	if err == nil {
		err = json.Unmarshal(text, &claims)
	}
	id, ok := s.users[claims.Sub]
	if err != nil || !ok {
		refuse(w, http.StatusUnauthorized, "401001", "the stub knows nobody of that name")
		return
	}
	token := rand.Text() + "|" + rand.Text() + "|" + s.site
	s.mu.Lock()
	s.people[token] = claims.Sub
	s.mu.Unlock()
	send(w, fmt.Appendf(nil, `{"credentials":{"site":{"id":%q,"contentUrl":""},"user":{"id":%q},"token":%q}}`, s.site, id, token))
}

// known refuses requests without a session.
func (s *stub) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		_, ok := s.people[r.Header.Get("X-Tableau-Auth")]
		s.mu.Unlock()
		if !ok || r.PathValue("site") != s.site {
			refuse(w, http.StatusUnauthorized, "401002", "the token is not one of the stub's")
			return
		}
		next(w, r)
	}
}

func (s *stub) list(w http.ResponseWriter, r *http.Request) {
	list := s.lists[r.PathValue("list")]
	if list == nil {
		refuse(w, http.StatusNotFound, "404000", "the stub has no such list: "+r.URL.Path)
		return
	}
	s.respond(w, r, list)
}

func (s *stub) item(w http.ResponseWriter, r *http.Request) {
	list := s.lists[r.PathValue("list")]
	if list == nil {
		refuse(w, http.StatusNotFound, "404000", "the stub has no such list: "+r.URL.Path)
		return
	}
	if items := list.where("id", r.PathValue("id")).items; len(items) == 1 {
		send(w, fmt.Appendf(nil, `{%q:%s}`, list.item, items[0].render(nil)))
		return
	}
	refuse(w, http.StatusNotFound, "404006", "the stub has no such item")
}

// respond sends a page of a list. A page is rendered when it is asked for the first time.
func (s *stub) respond(w http.ResponseWriter, r *http.Request, list *stubList) {
	key := r.URL.RequestURI()
	s.mu.Lock()
	answer := s.answers[key]
	s.mu.Unlock()
	if answer == nil {
		var err error
		if answer, err = list.page(r.URL.Query()); err != nil {
			refuse(w, http.StatusBadRequest, "400065", err.Error())
			return
		}
		s.mu.Lock()
		s.answers[key] = answer
		s.mu.Unlock()
	}
	send(w, answer)
}

func send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func refuse(w http.ResponseWriter, status int, code, detail string) {
	text, err := json.Marshal(map[string]any{"error": map[string]string{"summary": http.StatusText(status), "detail": detail, "code": code}})
	if err != nil {
		panic(err) // texts can be marshaled
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// number reads a parameter of a page.
func number(query url.Values, name string, otherwise int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s=%q is no number of a page", name, text)
	}
	return n, nil
}
