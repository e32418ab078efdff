package server

import (
	"context"
	"log/slog"

	"vitrine/internal/config"
	"vitrine/internal/sessions"
	"vitrine/internal/tableau"
	"vitrine/internal/telemetry"
	"vitrine/resolvers"
)

// newEmbedTokens is what signs tokens for the Embedding API, on the sites that have an app for it.
func newEmbedTokens(c *config.Config) (*sessions.EmbedTokens, error) {
	apps := map[string]sessions.EmbedApp{}
	for _, site := range c.Tableau.Sites {
		app := c.Tableau.EmbedFor(site)
		if app == nil {
			continue
		}
		signer := sessions.EmbedApp{
			ClientID: app.ClientID, SecretID: app.SecretID, Secret: tableau.NewSecret(app.Secret.Reveal()), Lifetime: app.TokenLifetime,
			DangerouslyForSiteAdministrators: app.DangerouslyForSiteAdministrators,
		}
		for _, a := range app.Attributes {
			signer.Attributes = append(signer.Attributes, sessions.Attribute{Claim: a.Claim, Name: a.Name})
		}
		apps[site.ContentURL] = signer
	}
	return sessions.NewEmbedTokens(apps, nil)
}

// logEmbedToken writes one line for each token that is issued: whose it is and what it opens, never
// the token.
func logEmbedToken(logger *slog.Logger) func(context.Context, resolvers.IssuedEmbedToken) {
	return func(ctx context.Context, t resolvers.IssuedEmbedToken) {
		logger.InfoContext(ctx, "embed token issued",
			"requestId", telemetry.RequestID(ctx), "issuer", t.Identity.Issuer, "subject", t.Identity.Subject, "user", t.Identity.Username,
			"site", t.Site, "siteRole", t.SiteRole, "view", string(t.View), "scopes", t.Scopes, "tokenId", t.Grant.ID, "expires", t.Grant.Expires)
	}
}
