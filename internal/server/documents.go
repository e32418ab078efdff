package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/documents"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/policy"
	"vitrine/internal/web"
)

// documentModes are the modes of trusted documents as settings name them.
var documentModes = map[string]policy.DocumentMode{
	config.DocumentsOff: policy.DocumentsOff, config.DocumentsLog: policy.DocumentsLog, config.DocumentsEnforce: policy.DocumentsEnforce,
}

// trustedDocuments reads the manifests that the settings name.
func trustedDocuments(c *config.Config, logger *slog.Logger) (graphqlhttp.Trusted, error) {
	t := graphqlhttp.Trusted{Mode: documentModes[c.Documents.Mode]}
	if c.Documents.Automatic {
		t.Automatic = &documents.Automatic{}
	}
	var err error
	if t.Pages, err = pageDocuments(c); err != nil || len(c.Documents.Manifests) == 0 {
		return t, err
	}
	if t.Store, err = documents.Open(c.Documents.Manifests, graphqlhttp.CheckText(documentLimits(&c.Limits)), time.Now, logger); err != nil {
		return t, fmt.Errorf("the settings of documents do not work: %w", err)
	}
	return t, nil
}

// pageDocuments are the documents of the gallery, where it names them: see galleryNames.
func pageDocuments(c *config.Config) (map[string]string, error) {
	if !galleryNames(c) {
		return nil, nil
	}
	pages, err := web.GalleryDocuments()
	if err != nil {
		return nil, err
	}
	for hash, text := range pages {
		if err := graphqlhttp.CheckText(documentLimits(&c.Limits))(text); err != nil {
			return nil, fmt.Errorf("the document %s of the gallery: %w", hash, err)
		}
	}
	return pages, nil
}

// galleryNames reports whether the gallery names its documents instead of sending them: where some
// callers may send trusted documents only, or the log says who sends others.
func galleryNames(c *config.Config) bool {
	return c.Gallery.Enabled && c.ChecksDocuments()
}

// CheckedDocument is a document of a manifest with what would refuse it.
type CheckedDocument struct {
	documents.Document
	Errors []string
}

// CheckDocuments validates all documents of a manifest as callers with these roles would send them.
func (a *App) CheckDocuments(ctx context.Context, file string, roles []string) ([]CheckedDocument, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, errors.New("it cannot be read")
	}
	all, err := documents.Parse(data)
	if err != nil {
		return nil, err
	}
	checked := make([]CheckedDocument, len(all))
	for i, d := range all {
		checked[i] = CheckedDocument{d, a.graphql.CheckFor(ctx, roles, d.Text)}
	}
	return checked, nil
}
