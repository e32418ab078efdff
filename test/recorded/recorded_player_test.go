package recorded

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// player is a Tableau that answers what was recorded, and nothing else: a request that its case
// does not name is answered 404003 and fails the test, as does a line of the case that nobody asked
// for.
type player struct {
	t     *testing.T
	dir   string // of the answers
	form  form
	site  string // content URL that sign-ins are for
	lines []*line
	any   string // a file that answers every read of a person's, instead of the lines

	change func(file string, body []byte) []byte // changes an answer before it is sent; requests without a line are then no fault

	mu     sync.Mutex
	tokens map[string]*signIn // what was given out
}

// line is one line of a case: GET path?parameters = replies.
type line struct {
	path    string     // below /api/{version}/; below its site where it does not begin with a slash
	query   url.Values // what a request must say; it may say more
	replies []reply    // in order; the last one again and again
	asked   int
}

// reply is one answer: a file with a status, or an error of Tableau.
type reply struct {
	status int
	file   string // of the answers, or "html"
	code   string // of Tableau's error, instead of a file
	damage string // "cut": half of the body as if it were all; "broken": the connection ends in it
}

// parseLine reads "workbooks?pageNumber=2 = 401002 then cut workbook_get.xml".
func parseLine(text string) (*line, error) {
	address, answers, ok := strings.Cut(text, " = ")
	if !ok {
		return nil, fmt.Errorf("the line %q has no answer", text)
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	l := &line{path: u.Path, query: u.Query()}
	for answer := range strings.SplitSeq(answers, " then ") {
		r := reply{status: http.StatusOK}
		for word := range strings.FieldsSeq(answer) {
			number, err := strconv.Atoi(word)
			switch {
			case err == nil && len(word) == 6:
				r.code, r.status = word, number/1000
			case err == nil:
				r.status = number
			case word == "cut" || word == "broken":
				r.damage = word
			default:
				r.file = word
			}
		}
		l.replies = append(l.replies, r)
	}
	return l, nil
}

// signIn is the part of a sign-in's answer that the player holds requests to.
type signIn struct {
	Token string `xml:"token,attr"`
	Site  struct {
		ID string `xml:"id,attr"`
	} `xml:"site"`
	service bool // the administrator's own session
}

// The answers that every case may need, by the names that they were recorded with.
const (
	plainSignIn       = "auth_sign_in.xml"
	impersonateSignIn = "auth_sign_in_impersonate.xml"
	accountsFound     = "user_get.xml"
	serverInfo        = "server_info_get.xml"
)

func (p *player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/api/")
	_, path, below := strings.Cut(rest, "/")
	if !ok || !below {
		p.unknown(w, r)
		return
	}
	switch {
	case r.Method == http.MethodPost && path == "auth/signin":
		p.signIn(w, r)
		return
	case r.Method == http.MethodPost && path == "auth/signout":
		w.WriteHeader(http.StatusNoContent)
		return
	case r.Method != http.MethodGet:
		p.unknown(w, r)
		return
	}
	if r.Header.Get("Accept") != "application/json" {
		p.t.Errorf("%s asks for %q", r.URL, r.Header.Get("Accept"))
	}
	session := p.session(r)
	if l := p.find("/"+path, session, r.URL.Query()); l != nil {
		p.write(w, p.next(l))
		return
	}
	switch {
	case p.any != "" && session != nil && !session.service:
		p.write(w, reply{status: http.StatusOK, file: p.any})
	case path == "serverinfo":
		p.write(w, p.answer("/serverinfo", serverInfo))
	case session != nil && session.service && path == "sites/"+session.Site.ID+"/users":
		p.write(w, p.answer("/look-up", accountsFound))
	default:
		p.unknown(w, r)
	}
}

func (p *player) unknown(w http.ResponseWriter, r *http.Request) {
	if p.change == nil {
		p.t.Errorf("the case has no line for %s %s", r.Method, r.URL)
	}
	p.write(w, reply{status: http.StatusNotFound, code: "404003"})
}

func (p *player) session(r *http.Request) *signIn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokens[r.Header.Get("X-Tableau-Auth")]
}

// find gives the line that says most of a request. The administrator's session has no lines: it
// looks people up and does no more.
func (p *player) find(path string, session *signIn, query url.Values) *line {
	var best *line
	for _, l := range p.lines {
		at := l.path
		if !strings.HasPrefix(at, "/") {
			if session == nil || session.service {
				continue
			}
			at = "/sites/" + session.Site.ID + "/" + at
		}
		if at == path && says(query, l.query) && (best == nil || len(l.query) > len(best.query)) {
			best = l
		}
	}
	return best
}

// says reports whether a request has all parameters that a line names.
func says(query, named url.Values) bool {
	for name := range named {
		if !slices.Equal(query[name], named[name]) {
			return false
		}
	}
	return true
}

func (p *player) next(l *line) reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.asked++
	return l.replies[min(l.asked, len(l.replies))-1]
}

// signIn answers an administrator's sign-in, or one as somebody whom the look-up found.
func (p *player) signIn(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Credentials struct {
			Site struct{ ContentURL string }
			User *struct{ ID string }
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		p.t.Errorf("the body of a sign-in: %v", err)
	}
	if body.Credentials.Site.ContentURL != p.site {
		p.t.Errorf("a sign-in is for the site %q", body.Credentials.Site.ContentURL)
	}
	service := body.Credentials.User == nil
	answer := p.answer("/sign-in-as", impersonateSignIn)
	if service {
		answer = p.answer("/sign-in", plainSignIn)
	}
	if answer.file != "" && answer.file != "html" {
		p.remember(answer.file, service)
	}
	p.write(w, answer)
}

// remember notes the token that a sign-in's answer gives.
func (p *player) remember(file string, service bool) {
	var given struct {
		Credentials signIn `xml:"credentials"`
	}
	if err := xml.Unmarshal(p.read(file), &given); err != nil {
		p.t.Errorf("%s: %v", file, err)
	}
	given.Credentials.service = service
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens[given.Credentials.Token] = &given.Credentials
}

// answer is what the case says for a path of the player's own, or else a file.
func (p *player) answer(path, file string) reply {
	if l := p.find(path, nil, nil); l != nil {
		return p.next(l)
	}
	return reply{status: http.StatusOK, file: file}
}

const htmlPage = "<!DOCTYPE html>\n<html><head><title>502</title></head><body>The proxy is tired.</body></html>"

// write sends an answer in the form that is played.
func (p *player) write(w http.ResponseWriter, r reply) {
	contentType, body := "text/html;charset=utf-8", []byte(htmlPage)
	switch {
	case r.code != "":
		contentType, body = p.form.write(p.t, fmt.Appendf(nil, `<tsResponse xmlns="http://tableau.com/api"><error code=%q>`+
			`<summary>Refused by the player</summary><detail>Nothing that clients should read.</detail></error></tsResponse>`, r.code))
	case r.file != "html":
		contentType, body = p.form.write(p.t, p.read(r.file))
		if p.change != nil {
			body = p.change(r.file, body)
		}
	}
	w.Header().Set("Content-Type", contentType)
	if r.damage == "broken" {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	if r.damage != "" {
		body = body[:len(body)/2]
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(body)
}

func (p *player) read(file string) []byte {
	path := filepath.Join(p.dir, file)
	if made, ok := strings.CutPrefix(file, "made/"); ok { // of the answers that were made by hand, whatever the case
		path = filepath.Join("testdata/recorded/made", made)
	}
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) { // what the recordings lack, such as a server as new as what it answers
		body, err = os.ReadFile(filepath.Join("testdata/recorded/made", file))
	}
	if err != nil {
		p.t.Errorf("an answer of the case: %v", err)
	}
	return body
}

// unasked says which lines of the case nobody asked for.
func (p *player) unasked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var paths []string
	for _, l := range p.lines {
		if l.asked == 0 {
			paths = append(paths, l.path)
		}
	}
	return paths
}
