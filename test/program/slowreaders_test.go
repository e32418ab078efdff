package program

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
)

// endlessImages is a Tableau whose images have no end, so that a reader who takes nothing holds
// everything in front of it.
func endlessImages(tableau http.Handler, begun chan<- struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/image") {
			tableau.ServeHTTP(w, r)
			return
		}
		begun <- struct{}{}
		w.Header().Set("Content-Type", "image/png")
		part := []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 32<<10))
		for {
			if _, err := w.Write(part); err != nil {
				return
			}
		}
	})
}

// Forty readers of one link who take nothing of it, each on a connection of its own, hold back
// neither the queries of the person whose link it is, nor anybody else's, nor other people's links.
func TestSlowReadersOfOneLinkStopNoQueries(t *testing.T) {
	t.Parallel()
	const readers = 40
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	begun := make(chan struct{}, 10*readers)
	tableau := httptest.NewServer(endlessImages(stand.Tableau, begun))
	t.Cleanup(tableau.Close)
	p := serve(t, stand, func(c *config.Config) {
		c.Tableau.URL = tableau.URL
		// Each reader keeps its place at Tableau for 5 s (internal/tableau): a query that had to
		// wait for one would be refused before.
		c.Tableau.Limits.PerUser, c.Tableau.Limits.LongRunning, c.Tableau.Limits.Wait = 5, 8, 2*time.Second
	})
	link := p.link(t, "alice", "image")
	for i := range readers {
		holdLink(t, link, i)
	}
	for range 2 { // half of the person's places, which is all that exports may take
		<-begun
	}
	for _, user := range []string{"alice", "bob"} {
		for range 3 {
			got := p.Post(t, p.Token(t, user), `{ site(contentUrl: "") { me { name } workbooks(first: 5) { nodes { name owner { name } } } } }`)
			if got.Status != http.StatusOK || got.Codes() != "" {
				t.Errorf("%s: %d %s", user, got.Status, got.Body)
			}
		}
	}
	if res, body := p.fetch(t, p.link(t, "bob", "pdf")); res.StatusCode != http.StatusOK || !strings.HasPrefix(body, "%PDF") {
		t.Errorf("another person's link: %d %.80q", res.StatusCode, body)
	}
	if sim := stand.Tableau.Count("GET sites/{site}/views/{id}/image"); sim != 0 {
		t.Errorf("%d images came from elsewhere", sim)
	}
}

// Readers of two links of one person, in several spellings, who take all places and all turns of
// those who wait, do not keep out the person's third link: each other spelling is refused, stalled
// readers are cut off for those who wait, and links take turns.
func TestSlowReadersOfTwoLinksStopNoThird(t *testing.T) {
	t.Parallel()
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	begun := make(chan struct{}, 1000)
	tableau := httptest.NewServer(endlessImages(stand.Tableau, begun))
	t.Cleanup(tableau.Close)
	p := serve(t, stand, func(c *config.Config) { c.Tableau.URL = tableau.URL })
	links := []string{p.link(t, "alice", "image"), p.link(t, "alice", "image(size: {width: 300, height: 200})")}
	third := p.link(t, "alice", "pdf")
	for i := range 100 {
		holdLink(t, links[i%2], i)
	}
	for range 8 {
		<-begun
	}
	spelled := links[0]
	for range 20 {
		spelled += "%0A"
		if res, body := p.fetch(t, spelled); res.StatusCode != http.StatusNotFound {
			t.Errorf("%d %.80q for another spelling", res.StatusCode, body)
		}
	}
	if res, body := p.fetch(t, third); res.StatusCode != http.StatusOK || !strings.HasPrefix(body, "%PDF") {
		t.Errorf("the third link: %d %.80q", res.StatusCode, body)
	}
}

// holdLink asks for a link on a connection of its own, with a small window, and never reads.
func holdLink(t *testing.T, link string, i int) {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(conn)
	_, _ = fmt.Fprintf(w, "GET %s?n=%d HTTP/1.1\r\nHost: %s\r\n\r\n", u.Path, i, u.Host)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}
