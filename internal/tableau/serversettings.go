package tableau

import (
	"context"
	"slices"

	"vitrine/internal/tableau/rest"
)

// ServerExtensionSettings say whether dashboard extensions may run, server-wide.
type ServerExtensionSettings struct {
	IsEnabled Flag         `json:"extensionsGloballyEnabled" xml:"extensionsGloballyEnabled"`
	Blocked   oneOrSeveral `json:"blockList" xml:"blockList"`
}

// BlockList are addresses of extensions that may run on no site.
func (s *ServerExtensionSettings) BlockList() []string {
	return slices.Clone(append([]string{}, s.Blocked...))
}

// oneOrSeveral is a list of texts that is a single text if it has one.
type oneOrSeveral []string

func (l *oneOrSeveral) UnmarshalJSON(data []byte) error {
	var w words
	err := w.UnmarshalJSON(data)
	*l = oneOrSeveral(w)
	return err
}

type serverExtensionsAnswer struct {
	rest.Envelope
	Settings *ServerExtensionSettings `json:"extensionsServerSettings" xml:"extensionsServerSettings"`
}

// ServerExtensions reads the server's settings of dashboard extensions; server administrators only.
// GET settings/extensions, from API 3.21.
func (s *Session) ServerExtensions(ctx context.Context) (*ServerExtensionSettings, error) {
	r := rest.SiteRead{Template: "/settings/extensions"}
	a, err := get(ctx, s, r, func(*serverExtensionsAnswer) {})
	if err != nil {
		return nil, err
	}
	return one(a.Settings, "GET settings/extensions")
}

// ServerAnalyticsExtensions says whether analytics extensions are allowed on the whole server;
// server administrators only. GET /api/-/settings/server/extensions/analytics, from API 3.11.
func (s *Session) ServerAnalyticsExtensions(ctx context.Context) (Flag, error) {
	r := rest.SiteRead{Template: "-/settings/server/extensions/analytics"}
	return s.analyticsEnabled(ctx, r)
}

// DirectoryDomain is a domain of a directory that the server knows.
type DirectoryDomain struct {
	Name      string `json:"name" xml:"name,attr"`
	ShortName Text   `json:"shortName" xml:"shortName,attr"`
}

type domainsAnswer struct {
	rest.Envelope
	List    domainList `json:"domainList" xml:"domainList"`
	Domains domainList `json:"domains" xml:"domains"`
}

type domainList struct {
	Items []*DirectoryDomain `json:"domain" xml:"domain"`
}

// Domains are the directory domains that the server knows; server administrators only. GET domains,
// from API 3.11.
func (s *Session) Domains(ctx context.Context) ([]*DirectoryDomain, error) {
	a, err := get(ctx, s, rest.SiteRead{Template: "/domains"}, func(*domainsAnswer) {})
	if err != nil {
		return nil, err
	}
	all := present(slices.Concat(a.List.Items, a.Domains.Items))
	return slices.DeleteFunc(all, func(d *DirectoryDomain) bool { return d.Name == "" }), nil
}
