package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type tableauServerResolver struct{ *Resolver }

// TableauServer implements graph.ResolverRoot.
func (r *Resolver) TableauServer() graph.TableauServerResolver { return tableauServerResolver{r} }

// ExtensionSettings say whether dashboard extensions may run, server-wide.
func (r tableauServerResolver) ExtensionSettings(ctx context.Context, _ *graph.TableauServer) (*tableau.ServerExtensionSettings, error) {
	s, err := r.anySession(ctx)
	if err != nil {
		return nil, err
	}
	return s.ServerExtensions(ctx)
}

// AreAnalyticsExtensionsEnabled says whether analytics extensions are allowed on the whole server.
func (r tableauServerResolver) AreAnalyticsExtensionsEnabled(ctx context.Context, _ *graph.TableauServer) (*bool, error) {
	s, err := r.anySession(ctx)
	if err != nil {
		return nil, err
	}
	flag, err := s.ServerAnalyticsExtensions(ctx)
	if err != nil || flag == tableau.Unsaid {
		return nil, err
	}
	enabled := flag == tableau.Yes
	return &enabled, nil
}

// Domains are the directory domains that the server knows.
func (r tableauServerResolver) Domains(ctx context.Context, _ *graph.TableauServer) ([]*tableau.DirectoryDomain, error) {
	s, err := r.anySession(ctx)
	if err != nil {
		return nil, err
	}
	domains, err := s.Domains(ctx)
	if err == nil {
		err = reserveFields(ctx, len(domains))
	}
	if domains == nil && err == nil {
		domains = []*tableau.DirectoryDomain{}
	}
	return domains, err
}

// anySession is the caller's on the first site where there is one: what is said of the server is
// the same on all.
func (r *Resolver) anySession(ctx context.Context) (*tableau.Session, error) {
	var refused error
	for _, site := range r.offered(ctx) {
		s, err := r.session(ctx, site)
		if err == nil {
			_, err = s.UserLUID(ctx)
		}
		if err == nil {
			return s, nil
		}
		if refused == nil {
			refused = err
		}
		if p := publicOf(ctx, err); p.Code != codeUserUnknown {
			return nil, err
		}
	}
	if refused == nil {
		refused = errSiteUnknown
	}
	return nil, refused
}
