package web

import (
	"embed"
	"encoding/json"
	"errors"
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
	gallery    http.Handler
	start      http.Handler
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
	p := &Pages{assets: assets, start: http.NotFoundHandler()}
	var paths pagePaths
	if cfg.Playground != nil {
		paths.Playground = "/playground"
		p.start = http.RedirectHandler(paths.Playground, http.StatusFound)
	}
	if cfg.Gallery != nil {
		paths.Gallery = "/gallery"
		p.start = http.RedirectHandler(paths.Gallery, http.StatusFound)
	}
	if p.playground, err = cfg.page(cfg.Playground, manifest["playground"], "Vitrine Playground", paths.Playground, paths); err != nil {
		return nil, fmt.Errorf("web: playground: %w", err)
	}
	if p.gallery, err = cfg.page(cfg.Gallery, manifest["gallery"], "Vitrine", paths.Gallery, paths); err != nil {
		return nil, fmt.Errorf("web: gallery: %w", err)
	}
	return p, nil
}

// page is the page at path, or 404 where it is not enabled.
func (c Config) page(p *Page, b bundle, title, path string, paths pagePaths) (http.Handler, error) {
	if p == nil {
		return http.NotFoundHandler(), nil
	}
	return newPage(b, title, settings{
		PublicURL:   c.PublicURL,
		Endpoint:    p.Endpoint,
		Path:        path,
		Pages:       paths,
		EmbedOrigin: p.Tableau, NamesDocuments: p.NamesDocuments,
		SignIn: signIn{
			Issuer:          p.Issuer,
			ClientID:        p.ClientID,
			Scopes:          p.Scopes,
			AuthorizeParams: p.AuthorizeParams,
		},
	})
}

// GalleryDocuments returns the GraphQL documents of the gallery by the SHA-256 of their texts; none
// if the pages have not been built.
func GalleryDocuments() (map[string]string, error) {
	data, err := fs.ReadFile(dist, "dist/gallery-documents.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("web: embedded pages: %w", err)
	}
	var documents map[string]string
	if err := json.Unmarshal(data, &documents); err != nil {
		return nil, fmt.Errorf("web: embedded pages: gallery-documents.json: %w; run make web again", err)
	}
	return documents, nil
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

// Gallery serves GET /gallery and everything below it, which is one page: the script reads the
// address. Without a gallery it answers 404.
func (p *Pages) Gallery() http.Handler {
	return p.gallery
}

// Start serves GET /. It leads to the gallery, else to the playground; without either it answers
// 404.
func (p *Pages) Start() http.Handler {
	return p.start
}

// Assets serves GET /assets/…, the scripts and styles of all pages. Their names hold a digest of
// their content, so browsers keep them for good.
func (p *Pages) Assets() http.Handler {
	return http.HandlerFunc(p.serveAsset)
}
