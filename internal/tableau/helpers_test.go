package tableau

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	siteID = "9a8b0000-0000-4000-8000-000000000001"
	userID = "9f9e0000-0000-4000-8000-000000000002"

	markedToken    = "MARKED-TOKEN-part-one|part-two"
	markedPassword = "MARKED-PASSWORD"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// reply is one answer of a fake upstream; 200 and JSON where nothing is said.
type reply struct {
	status int
	media  string
	header map[string]string
	body   string
}

// quoted returns a text as a JSON string.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func code(status int, code string) reply {
	return reply{status: status, body: fmt.Sprintf(`{"error":{"summary":"Summary","detail":"detail","code":"%s"}}`, code)}
}

func (a reply) write(w http.ResponseWriter) {
	if a.media == "" {
		a.media = "application/json"
	}
	w.Header().Set("Content-Type", a.media)
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// upstream is a fake of Tableau that answers requests by a function, and keeps them.
type upstream struct {
	*httptest.Server
	answer func(*http.Request) reply

	mu       sync.Mutex
	requests []*http.Request // without bodies
	bodies   []string
}

func serve(t *testing.T, answer func(*http.Request) reply) *upstream {
	t.Helper()
	u := &upstream{answer: answer}
	u.Server = httptest.NewServer(u)
	t.Cleanup(u.Close)
	return u
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	u.mu.Lock()
	u.requests, u.bodies = append(u.requests, r), append(u.bodies, string(body))
	u.mu.Unlock()
	u.answer(r).write(w)
}

// paths are what was asked for, below /api/3.27/sites/{site}/, with the query decoded.
func (u *upstream) paths() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var paths []string
	for _, r := range u.requests {
		path := strings.TrimPrefix(r.URL.Path, "/api/3.27/sites/"+siteID+"/")
		if query, _ := url.QueryUnescape(r.URL.RawQuery); query != "" {
			path += "?" + query
		}
		paths = append(paths, path)
	}
	return paths
}

func (u *upstream) count(part string) int {
	n := 0
	for _, path := range u.paths() {
		if strings.Contains(path, part) {
			n++
		}
	}
	return n
}

// client speaks to the fake with a pinned version.
func (u *upstream) client(t *testing.T) *Client {
	t.Helper()
	return client(t, Config{URL: u.URL, APIVersion: "3.27"})
}

func client(t *testing.T, c Config) *Client {
	t.Helper()
	if c.HTTP == nil {
		transport := &http.Transport{MaxIdleConnsPerHost: 16}
		t.Cleanup(transport.CloseIdleConnections)
		c.HTTP = &http.Client{Transport: transport}
	}
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// session reads from the fake as somebody who is signed in.
func (u *upstream) session(t *testing.T) *Session {
	t.Helper()
	s, _ := u.signedIn(t)
	return s
}

func (u *upstream) signedIn(t *testing.T) (*Session, *keeper) {
	t.Helper()
	k := &keeper{}
	t.Cleanup(func() {
		if k.acquired != k.released {
			t.Errorf("%d grants acquired, %d released", k.acquired, k.released)
		}
	})
	return u.client(t).Session(t.Context(), k), k
}

// keeper is a Source that signs in by counting: token 1, token 2 after the first has died.
type keeper struct {
	mu                 sync.Mutex
	acquired, released int
	renewals           int
	grant              *Grant
	refuse             error // for a renewal
}

func (k *keeper) Acquire(_ context.Context, dead *Grant) (*Grant, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if dead != nil && dead == k.grant {
		if k.refuse != nil {
			return nil, k.refuse
		}
		k.renewals++
		k.grant = nil
	}
	if k.grant == nil {
		k.grant = &Grant{Token: NewSecret(fmt.Sprintf("%s|%d", markedToken, k.renewals+1)), SiteLUID: siteID, UserLUID: userID}
	}
	k.acquired++
	return k.grant, nil
}

func (k *keeper) Release(g *Grant) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if g != nil {
		k.released++
	}
}

func (*keeper) ContentURL() string { return "marketing" }

// list is a fake list of Tableau in memory, of workbooks named by their position.
type list struct {
	mu       sync.Mutex
	total    int
	cap      int  // largest page that it gives, whatever is asked for; 0 for 1000
	shrinks  int  // items that vanish after each page
	moves    bool // each page repeats the last item of the page before
	calls    int
	largest  int // page size asked for
	noTotals bool
	silent   bool // an answer gives the page size that was asked for, not the one it has
}

func (l *list) page(_ context.Context, query url.Values) (Pagination, []*Workbook, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	var number, size int
	_, err1 := fmt.Sscan(query.Get("pageNumber"), &number)
	_, err2 := fmt.Sscan(query.Get("pageSize"), &size)
	l.largest = max(l.largest, size)
	if err1 != nil || err2 != nil || number < 1 || size < 1 || size > 1000 {
		return Pagination{}, nil, &Error{Kind: BadRequest, Code: "400007"}
	}
	asked := size
	if l.cap > 0 {
		size = min(size, l.cap)
	}
	low := (number - 1) * size
	if number > 1 && low >= l.total {
		return Pagination{}, nil, &Error{Kind: BadRequest, Code: "400006"}
	}
	var items []*Workbook
	if l.moves && low > 0 {
		low--
	}
	for i := low; i < min(low+size, l.total); i++ {
		items = append(items, &Workbook{LUID: LUID(fmt.Sprintf("w%d", i)), Name: fmt.Sprintf("Workbook %d", i)})
	}
	p := Pagination{PageNumber: NewInt(int64(number)), PageSize: NewInt(int64(size)), TotalAvailable: NewInt(int64(l.total))}
	if l.silent {
		p.PageSize = NewInt(int64(asked))
	}
	if l.noTotals {
		p.TotalAvailable = Int{}
	}
	l.total = max(l.total-l.shrinks, 0)
	return p, items, nil
}

func luids[T any, P resource[T]](items []*T) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = string(P(item).luid())
	}
	return out
}

// wantKind checks that an error is of a kind, and has no secret in any way of printing.
func wantKind(t *testing.T, err error, kind Kind) {
	t.Helper()
	if !IsKind(err, kind) {
		t.Errorf("error %v, want one of the kind %q", err, kind.String())
	}
	wantNoSecret(t, err)
}

func wantNoSecret(t *testing.T, values ...any) {
	t.Helper()
	for _, v := range values {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			text := fmt.Sprintf(format, v)
			if slices.ContainsFunc([]string{"MARKED", fmt.Sprintf("%x", "MARKED")}, func(s string) bool { return strings.Contains(text, s) }) {
				t.Errorf("%s has a secret: %s", format, text)
			}
		}
	}
}

func readCloser(body string) io.ReadCloser { return io.NopCloser(strings.NewReader(body)) }

var cet = time.FixedZone("CET", 3600)
