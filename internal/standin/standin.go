package standin

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/devidp"
	"vitrine/internal/tableausim"
)

// Servers are the stand-in Tableau and the stand-in provider, each on a loopback address.
type Servers struct {
	Tableau    *tableausim.Server
	Provider   *devidp.Provider
	TableauURL string
	Issuer     string
	origins    []string // of the pages that the client portal serves
	servers    []*http.Server
}

// playgroundClient is the playground's client at the stand-in provider, PortalClient that of the
// pages of other origins.
const (
	playgroundClient = "vitrine-playground"
	galleryClient    = "vitrine-gallery"
	PortalClient     = "portal"
)

// Start listens on two loopback addresses and serves until Close. Pages of the given origins can
// sign in as the client [PortalClient].
func Start(tableauAddr, idpAddr string, world tableausim.Config, origins ...string) (*Servers, error) {
	for name, address := range map[string]string{"tableau": tableauAddr, "idp": idpAddr} {
		if err := Loopback(name, address); err != nil {
			return nil, err
		}
	}
	s := &Servers{origins: origins}
	tableauListener, err := net.Listen("tcp", tableauAddr)
	if err != nil {
		return nil, fmt.Errorf("--tableau %q: %w", tableauAddr, err)
	}
	idpListener, err := net.Listen("tcp", idpAddr)
	if err != nil {
		_ = tableauListener.Close()
		return nil, fmt.Errorf("--idp %q: %w", idpAddr, err)
	}
	s.TableauURL = "http://" + tableauListener.Addr().String()
	world.PublicURL = func() string { return s.TableauURL }
	s.Tableau = tableausim.New(world)
	if err := s.StartProvider(idpListener, devidp.DemoUsers()); err != nil {
		return nil, errors.Join(err, tableauListener.Close(), idpListener.Close())
	}
	s.serve(tableauListener, s.Tableau)
	return s, nil
}

// StartProvider serves a provider with these users on an open listener, in place of the one before.
func (s *Servers) StartProvider(listener net.Listener, users []devidp.User) error {
	issuer := "http://" + listener.Addr().String()
	provider, err := devidp.New(devidp.Config{Issuer: issuer, Users: users, Clients: clients(s.origins)})
	if err != nil {
		return err
	}
	s.Issuer, s.Provider = issuer, provider
	s.serve(listener, provider)
	return nil
}

func (s *Servers) serve(l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	go func() { _ = server.Serve(l) }() // ends with Close
}

// Close stops the stand-ins.
func (s *Servers) Close() {
	for _, server := range s.servers {
		_ = server.Close()
	}
}

// clients are the OpenID clients that the provider knows: the pages of the server, on any loopback
// address, and the portal, on its origins.
func clients(origins []string) []devidp.Client {
	pages := []devidp.Client{{ID: playgroundClient}, {ID: galleryClient}}
	for _, host := range []string{"http://127.0.0.1", "http://localhost", "https://127.0.0.1", "https://localhost", "http://[::1]", "https://[::1]"} {
		for i, path := range []string{"/playground", "/gallery"} {
			pages[i].Origins = append(pages[i].Origins, host)
			pages[i].RedirectURIs = append(pages[i].RedirectURIs, host+path+"/callback")
			pages[i].PostLogoutURIs = append(pages[i].PostLogoutURIs, host+path)
		}
	}
	if len(origins) == 0 {
		return pages
	}
	portal := devidp.Client{ID: PortalClient}
	for _, origin := range origins {
		portal.Origins = append(portal.Origins, origin)
		portal.RedirectURIs = append(portal.RedirectURIs, origin+"/", origin+"/callback")
		portal.PostLogoutURIs = append(portal.PostLogoutURIs, origin, origin+"/")
	}
	return append(pages, portal)
}

// Settings are what a settings file would say, for the stand-ins: from there on demo takes the same
// path as serve.
func Settings(s *Servers, listen string) *config.Config {
	c := config.Default()
	c.Listen = listen
	c.Tableau.URL, c.Tableau.BrowserURL = s.TableauURL, s.TableauURL
	c.Tableau.SignIn = config.SignIn{Method: config.MethodPersonalAccessToken}
	for _, name := range s.PATNames() {
		c.Tableau.SignIn.Tokens = append(c.Tableau.SignIn.Tokens, config.Token{Name: name, Secret: config.Secret(s.Tableau.PATs()[name])})
	}
	c.Tableau.Sites = []config.Site{{ContentURL: ""}, {ContentURL: "marketing"}, {ContentURL: "finance"}}
	issuer := config.DefaultIssuer()
	issuer.URL, issuer.Audiences = s.Issuer, []string{"vitrine"}
	issuer.Username = config.Username{Claim: "preferred_username"}
	issuer.Scopes = []string{"openid", "profile", "email", "offline_access"}
	c.OIDC = []config.Issuer{issuer}
	c.Roles = []config.Role{
		{Name: "everyone", Allow: []string{"CATALOG", "CONTENT"}},
		{Name: "analysts", When: config.When{Group: "bi-analysts"}, Allow: []string{"PEOPLE", "GOVERNANCE", "PULSE"}},
		{
			Name: "admins", When: config.When{Group: "bi-admins"},
			Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE", "PULSE"},
		},
	}
	c.CORS.Origins = s.origins
	c.Playground = config.Page{Enabled: true, ClientID: playgroundClient}
	c.Gallery = config.Page{Enabled: true, ClientID: galleryClient}
	c.Log.Format = "text"
	c.Shutdown.Delay = 0 // nothing polls /readyz
	return c
}

// AsCloud changes the settings for a stand-in for Tableau Cloud: it has no default site, people are
// their mail addresses, and sessions begin with a connected app, as nobody can be impersonated.
func AsCloud(c *config.Config, s *Servers) {
	app := s.Tableau.ConnectedApps()[0]
	c.Tableau.SignIn = config.SignIn{
		Method: config.MethodConnectedApp, Trust: config.TrustDirect, ClientID: app.ClientID, SecretID: app.SecretID, Secret: config.Secret(app.Secret),
	}
	c.Tableau.Sites[0].ContentURL = tableausim.CloudSite
	c.Tableau.SessionLifetime = 2 * time.Hour
	c.OIDC[0].Username = config.Username{Claim: "email", RequireVerified: true}
}

// AllowEmbedding gives analysts and administrators the area EMBED, with a connected app of its own:
// one that opens sessions must not sign what browsers get. Administrators get no token in spite of it.
func AllowEmbedding(c *config.Config, s *Servers) {
	app := tableausim.ConnectedApp{ClientID: "vitrine-embed", SecretID: rand.Text(), Secret: rand.Text() + rand.Text(), Enabled: true}
	s.Tableau.SetConnectedApps(append(s.Tableau.ConnectedApps(), app)...)
	c.Tableau.Embed = &config.Embed{ClientID: app.ClientID, SecretID: app.SecretID, Secret: config.Secret(app.Secret), TokenLifetime: 5 * time.Minute}
	for i := range c.Roles {
		if c.Roles[i].Name != "everyone" {
			c.Roles[i].Allow = append(slices.Clone(c.Roles[i].Allow), "EMBED")
		}
	}
}

// PATNames returns the names of the personal access tokens of the stand-in Tableau, sorted.
func (s *Servers) PATNames() []string {
	return slices.Sorted(maps.Keys(s.Tableau.PATs()))
}
