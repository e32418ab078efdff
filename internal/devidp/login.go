package devidp

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
)

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// serveLogin handles the form of the login page. The authorization request is in the address, the
// person's words in the body, so nothing has to be remembered between the two.
func (p *Provider) serveLogin(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err == nil {
		err = r.ParseForm()
	}
	if err != nil {
		p.message(w, http.StatusBadRequest, "This sign-in cannot go on", "The form could not be read: "+err.Error()+".")
		return
	}
	req, ok := p.authRequest(w, r, params)
	if !ok {
		return
	}
	name := r.PostForm.Get("user")
	u, err := p.user(name)
	if err != nil || !equal(u.Password, r.PostForm.Get("password")) {
		problem := fmt.Sprintf("This is not the password of “%s”. Please try again.", name)
		if err != nil {
			problem = fmt.Sprintf("There is no user “%s”. Please choose one of those below.", name)
		}
		p.loginPage(w, http.StatusForbidden, req, name, problem)
		return
	}
	p.sendCode(w, r, req, p.startSession(w, r, u))
}

// equal compares in constant time.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// loginPage shows the form. Each hint is a link to this same page with the name filled in, and the
// password too where it equals the name; so one click and one on Sign in are enough, without a
// script.
func (p *Provider) loginPage(w http.ResponseWriter, status int, q *authRequest, name, problem string) {
	type hint struct {
		User
		Link     string
		Selected bool
	}
	data := struct {
		Client, Action, Name, Password, Problem string
		NameIsPassword                          bool
		Hints                                   []hint
	}{
		Client: q.client.ID, Action: PathLogin + "?" + q.params.Encode(), Name: name, Problem: problem,
		NameIsPassword: !slices.ContainsFunc(p.users, func(u User) bool { return u.Password != u.Name }),
	}
	for _, u := range p.users {
		params := cloneValues(q.params)
		params.Set("login_hint", u.Name)
		data.Hints = append(data.Hints, hint{User: u, Link: PathAuthorization + "?" + params.Encode(), Selected: u.Name == name})
		if u.Name == name && u.Password == u.Name && problem == "" {
			data.Password = u.Password
		}
	}
	render(w, status, "login.html", data, q.redirectURI)
}

func cloneValues(v url.Values) url.Values {
	c := url.Values{}
	for name, values := range v {
		c[name] = slices.Clone(values)
	}
	return c
}

// serveHome is the page at the bare address. It explains what this server is.
func (p *Provider) serveHome(w http.ResponseWriter, _ *http.Request) {
	p.message(w, http.StatusOK, "Stand-in OpenID provider",
		"This provider stands in for a company's own while you try Vitrine. Its issuer is "+p.issuer+".")
}

// message shows a page of one paragraph.
func (p *Provider) message(w http.ResponseWriter, status int, title, text string) {
	render(w, status, "message.html", struct{ Title, Text string }{title, text}, "")
}

// render writes a page under a policy that lets it load its own style sheet and send its forms
// here, and nothing else. formTarget is where the answer to a form redirects: browsers hold the
// redirect, too, against form-action.
func render(w http.ResponseWriter, status int, name string, data any, formTarget string) {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "devidp: rendering "+name+": "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "+
		"frame-ancestors 'none'; form-action 'self'"+origin(formTarget))
	// Not no-referrer: under it, browsers send "Origin: null" with the form.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}

// origin returns " scheme://host" of a registered address for a policy, and "" for none.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return " " + u.Scheme + "://" + u.Host
}

func serveStyle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, pageFiles, "pages/style.css")
}
