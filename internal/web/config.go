package web

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Config says which pages there are.
type Config struct {
	// PublicURL is the origin under which browsers and the OpenID provider know this server, such
	// as "https://bi.example.com": scheme and host, no path.
	PublicURL string
	// Playground is the page with GraphiQL at /playground, nil if absent.
	Playground *Page
	// Gallery is the front end for viewers at /gallery, nil if absent.
	Gallery *Page
}

// Page holds the settings of one page.
type Page struct {
	// Issuer is the OpenID provider people sign in at, letter by letter as its discovery document
	// has it.
	Issuer string
	// ClientID is the public client that the provider has for this page. Its redirect address is
	// PublicURL + path of the page + "/callback", its address after signing out PublicURL + path.
	ClientID string
	// Scopes are asked for at sign-in; "openid" has to be among them. With "offline_access" many
	// providers give a refresh token, with which the page renews the sign-in while it is open.
	Scopes []string
	// AuthorizeParams are sent with the authorization request beside those of the standard, such as
	// an audience.
	AuthorizeParams map[string]string
	// Endpoint is the path of the GraphQL API on this origin, such as "/graphql".
	Endpoint string
	// Tableau is the address of Tableau in browsers, whose script and frames the page may load to
	// show live views; empty for none.
	Tableau string
	// NamesDocuments lets the page send the hashes of its documents instead of their texts.
	NamesDocuments bool
}

// hostSource is a host that can be in a Content-Security-Policy (CSP3, host-source): no IPv6
// address, and nothing that ends a directive.
var hostSource = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(:[0-9]{1,5})?$`)

// validate reports every problem at once.
func (c Config) validate() error {
	var problems []error
	if u, err := schemeAndHost(c.PublicURL); err != nil { // policies call it 'self', so any host does
		problems = append(problems, fmt.Errorf("web: public URL %q: %w", c.PublicURL, err))
	} else if u != c.PublicURL {
		problems = append(problems, fmt.Errorf("web: public URL %q: give scheme and host only, as %q", c.PublicURL, u))
	}
	if c.Playground != nil {
		problems = append(problems, c.Playground.validate("playground")...)
	}
	if c.Gallery != nil {
		problems = append(problems, c.Gallery.validate("gallery")...)
	}
	return errors.Join(problems...)
}

func (p *Page) validate(name string) []error {
	var problems []error
	if _, err := origin(p.Issuer); err != nil {
		problems = append(problems, fmt.Errorf("web: %s: issuer %q: %w", name, p.Issuer, err))
	}
	if p.ClientID == "" {
		problems = append(problems, fmt.Errorf("web: %s: no client id; give the one that the provider has for this page", name))
	}
	if !hasOpenID(p.Scopes) {
		problems = append(problems, fmt.Errorf("web: %s: scopes %q lack openid; without it there is no sign-in", name, p.Scopes))
	}
	if !strings.HasPrefix(p.Endpoint, "/") || strings.HasPrefix(p.Endpoint, "//") {
		problems = append(problems, fmt.Errorf("web: %s: endpoint %q is no path on this server, such as /graphql", name, p.Endpoint))
	}
	if p.Tableau != "" {
		if _, err := origin(p.Tableau); err != nil {
			problems = append(problems, fmt.Errorf("web: %s: Tableau %q: %w", name, p.Tableau, err))
		}
	}
	return problems
}

func hasOpenID(scopes []string) bool {
	for _, s := range scopes {
		if s == "openid" {
			return true
		}
	}
	return false
}

// origin cuts an http or https address down to scheme and host, as a policy names it.
func origin(address string) (string, error) {
	short, err := schemeAndHost(address)
	if err != nil {
		return "", err
	}
	if _, host, _ := strings.Cut(short, "://"); !hostSource.MatchString(host) {
		return "", fmt.Errorf("host %q cannot be in a content security policy; give a host name or an IPv4 address", host)
	}
	return short, nil
}

func schemeAndHost(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("not an address; give one such as https://login.example.com")
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return "", fmt.Errorf("scheme %q is neither https nor http", u.Scheme)
	}
	if u.User != nil {
		return "", errors.New("an address here holds no user name or password")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}
