package devidp

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Config says who the provider is and whom it knows. The zero values of Audience,
// AccessTokenLifetime and Now stand for "vitrine", five minutes and time.Now.
type Config struct {
	Issuer              string // scheme, loopback host and port, as in http://127.0.0.1:8082; no path, no slash at the end
	Users               []User
	Clients             []Client
	Audience            string // aud of access tokens; must differ from every client's ID
	AccessTokenLifetime time.Duration
	Now                 func() time.Time
}

// User is a person who can sign in.
type User struct {
	Name          string // what is typed on the login page; preferred_username
	Password      string
	Email         string
	EmailVerified bool
	FullName      string
	Groups        []string
	Note          string // a few words about the user for the login page; may be empty
}

// Subject returns the sub claim of the user: stable over restarts, and on purpose unlike the name,
// so that a program that takes one for the other fails at once.
func (u User) Subject() string {
	sum := sha256.Sum256([]byte("devidp user " + u.Name))
	return hex.EncodeToString(sum[:8])
}

// Client is a public client: it has no secret and must use PKCE with S256.
//
// A loopback address among RedirectURIs, PostLogoutURIs or Origins matches any port (RFC 8252
// section 7.3), since a program on port 0 learns its port too late to register it. All else is
// compared letter by letter.
type Client struct {
	ID             string
	RedirectURIs   []string
	PostLogoutURIs []string
	Origins        []string // of pages that may call the token, UserInfo and revocation endpoints
}

// DemoUsers returns the four people of the demo; each has the name for a password.
func DemoUsers() []User {
	demo := func(name, fullName, note string, groups ...string) User {
		return User{
			Name: name, Password: name, Email: name + "@example.com", EmailVerified: true,
			FullName: fullName, Groups: groups, Note: note,
		}
	}
	return []User{
		demo("alice", "Alice Abara", "Explorer on two sites, group bi-analysts", "bi-analysts"),
		demo("bob", "Bob Brandt", "Viewer on the default site"),
		demo("carol", "Carol Castillo", "Site administrator everywhere, group bi-admins", "bi-admins"),
		demo("dave", "Dave Dimitrov", "Signs in here, but is unknown to Tableau"),
	}
}

// validate checks the whole configuration and returns the parsed issuer, or every problem joined.
func (c Config) validate() (*url.URL, error) {
	var problems []error
	issuer, err := parseIssuer(c.Issuer)
	if err != nil {
		problems = append(problems, err)
	}
	if c.AccessTokenLifetime < 0 {
		problems = append(problems, fmt.Errorf("the access token lifetime %v is negative", c.AccessTokenLifetime))
	}
	names := map[string]bool{}
	for _, u := range c.Users {
		if u.Name == "" || u.Password == "" {
			problems = append(problems, fmt.Errorf("user %q needs a name and a password", u.Name))
		}
		if names[u.Name] {
			problems = append(problems, fmt.Errorf("user %q is given twice", u.Name))
		}
		names[u.Name] = true
	}
	ids := map[string]bool{}
	for _, client := range c.Clients {
		if ids[client.ID] {
			problems = append(problems, fmt.Errorf("client %q is given twice", client.ID))
		}
		ids[client.ID] = true
		problems = append(problems, client.validate(c.Audience)...)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("devidp: %w", err)
	}
	return issuer, nil
}

func parseIssuer(issuer string) (*url.URL, error) {
	u, err := url.Parse(issuer)
	if err != nil {
		return nil, fmt.Errorf("the issuer %q is not a URL: %w", issuer, err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Scheme+"://"+u.Host != issuer {
		return nil, fmt.Errorf("the issuer %q must be a scheme, host and port and nothing else, as in http://127.0.0.1:8082", issuer)
	}
	if !loopbackHost(u.Hostname()) {
		return nil, fmt.Errorf("the issuer %q is not on a loopback address: this provider is for development only", issuer)
	}
	return u, nil
}

func (c Client) validate(audience string) (problems []error) {
	if audience == "" {
		audience = "vitrine"
	}
	if c.ID == "" {
		problems = append(problems, errors.New("a client has no ID"))
	}
	if c.ID == audience {
		problems = append(problems, fmt.Errorf("client %q has the ID that is the audience of access tokens", c.ID))
	}
	for _, uri := range append(append([]string{}, c.RedirectURIs...), c.PostLogoutURIs...) {
		if u, err := url.Parse(uri); err != nil || !u.IsAbs() || u.Host == "" || strings.Contains(uri, "#") || u.User != nil {
			problems = append(problems, fmt.Errorf("client %q: the address %q must be absolute, without user and fragment", c.ID, uri))
		}
	}
	for _, origin := range c.Origins {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			problems = append(problems, fmt.Errorf("client %q: the origin %q must be a scheme, host and port", c.ID, origin))
		}
	}
	return problems
}

// registered reports whether an address is among those given: letter by letter, or, on loopback
// with http, without regard to the port.
func registered(given []string, address string) bool {
	for _, g := range given {
		if g == address || (withoutPort(g) != "" && withoutPort(g) == withoutPort(address)) {
			return true
		}
	}
	return false
}

// withoutPort returns a loopback address without its port, and "" for any other.
func withoutPort(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || strings.Contains(address, "#") || !loopbackHost(u.Hostname()) {
		return ""
	}
	u.Host = u.Hostname()
	return u.String()
}

// loopbackHost reports whether a host without port is localhost or an IP address of loopback.
func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
