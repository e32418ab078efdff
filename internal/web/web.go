package web

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
)

// dist is what `npm run build` in web/ wrote; on a fresh clone only its README.
//
//go:embed dist
var dist embed.FS

// Pages serves the pages and their assets. It does not change after New.
type Pages struct {
	assets     map[string]asset
	playground http.Handler
}

// New prepares the pages. It fails on settings that no page could work with, and reports all of
// them together. When the pages have not been built, they answer 503 and say how to build them.
func New(cfg Config) (*Pages, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("web: embedded pages: %w", err)
	}
	return newPages(cfg, built)
}

func newPages(cfg Config, built fs.FS) (*Pages, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	manifest, err := readManifest(built)
	if err != nil {
		return nil, err
	}
	assets, err := readAssets(built)
	if err != nil {
		return nil, err
	}
	p := &Pages{assets: assets, playground: http.NotFoundHandler()}
	if cfg.Playground != nil {
		p.playground, err = newPage(manifest["playground"], "Vitrine Playground", settings{
			PublicURL: cfg.PublicURL,
			Endpoint:  cfg.Playground.Endpoint,
			Path:      "/playground",
			SignIn: signIn{
				Issuer:          cfg.Playground.Issuer,
				ClientID:        cfg.Playground.ClientID,
				Scopes:          cfg.Playground.Scopes,
				AuthorizeParams: cfg.Playground.AuthorizeParams,
			},
		})
		if err != nil {
			return nil, fmt.Errorf("web: playground: %w", err)
		}
	}
	return p, nil
}

// Built reports whether the program was built with the pages.
func Built() bool {
	_, err := fs.Stat(dist, "dist/manifest.json")
	return err == nil
}

// Playground serves GET /playground and GET /playground/callback, which are the same page: the
// script sees where it is. Without a playground it answers 404.
func (p *Pages) Playground() http.Handler {
	return p.playground
}

// Assets serves GET /assets/…, the scripts and styles of all pages. Their names hold a digest of
// their content, so browsers keep them for good.
func (p *Pages) Assets() http.Handler {
	return http.HandlerFunc(p.serveAsset)
}
