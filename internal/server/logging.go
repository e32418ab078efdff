package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"time"

	"vitrine/auth"
	"vitrine/internal/audit"
	"vitrine/internal/config"
	"vitrine/internal/edge"
	"vitrine/internal/telemetry"
	"vitrine/internal/upstream"
	"vitrine/internal/version"
)

// What the log has besides what each part writes of itself.

// note adds to the event of a request, and to its audit line.
func note(ctx context.Context, attrs ...slog.Attr) {
	audit.Add(ctx, attrs...)
	telemetry.Add(ctx, attrs...)
}

// observer is [note] without what the settings keep out of the log.
func observer(c *config.Config) func(context.Context, ...slog.Attr) {
	if c.Log.UserNames {
		return note
	}
	anonymous := telemetry.Without("user")
	return func(ctx context.Context, attrs ...slog.Attr) {
		audit.Add(ctx, attrs...)
		anonymous(ctx, attrs...)
	}
}

// logStart writes down what is running with which settings, so that the log shows it without the
// settings file.
func (a *App) logStart(ctx context.Context, listens string) {
	a.logSettings(ctx, "started", slog.String("listen", listens))
}

// logSettings is [App.logStart] for settings that are in use from now on.
func (a *App) logSettings(ctx context.Context, message string, more ...slog.Attr) {
	c := a.Settings
	info, _ := debug.ReadBuildInfo()
	var issuers, sites, roles, methods []string
	for _, i := range c.OIDC {
		issuers = append(issuers, i.URL)
	}
	for _, s := range c.Tableau.Sites {
		sites = append(sites, s.ContentURL)
		methods = append(methods, c.Tableau.SignInFor(s).Method)
	}
	for _, r := range c.Roles {
		roles = append(roles, r.Name)
	}
	slices.Sort(methods)
	a.Logger.LogAttrs(ctx, slog.LevelInfo, message, append([]slog.Attr{
		slog.String("version", version.Of(version.Version, info)), slog.String("commit", version.CommitOf(version.Commit, info)), slog.String("settings", a.File),
		slog.String("publicURL", a.address), slog.Bool("tls", c.TLS.Enabled()), slog.Int("connections", a.connections()),
		slog.String("tableau", c.Tableau.URL), slog.Any("sites", sites), slog.Any("signInMethods", slices.Compact(methods)),
		slog.Any("issuers", issuers), slog.Any("roles", roles), slog.Bool("sharedStore", c.SharedStore.Redis != ""),
	}, more...)...)
}

// connections is how many this process can have: those of the settings, or fewer where it may not
// open so many files.
func (a *App) connections() int {
	return min(a.Settings.Connections.Total, edge.MaxConns(reservedFiles))
}

// fewestConnections is less than what any deployment should have to do with.
const fewestConnections = 500

// warnOfFileLimit says that fewer connections are served than the settings say. The default is no
// wish of anybody: that it is lowered is worth a warning only where little is left.
func (a *App) warnOfFileLimit(ctx context.Context) {
	wanted, have := a.Settings.Connections.Total, a.connections()
	if have == wanted || wanted == config.Default().Connections.Total && have >= fewestConnections {
		return
	}
	a.Logger.LogAttrs(ctx, slog.LevelWarn, "the limit of open files lowers the number of connections: raise it (ulimit -n, LimitNOFILE) or lower connections.total",
		slog.Int("openFiles", edge.OpenFiles()), slog.Int("connectionsTotal", wanted), slog.Int("connections", have))
}

// logReach writes down when Tableau becomes unavailable, and available again.
func logReach(logger *slog.Logger) func(upstream.Change) {
	return func(c upstream.Change) {
		ctx, site := context.Background(), slog.String("site", c.Site)
		if c.Available {
			logger.LogAttrs(ctx, slog.LevelInfo, "Tableau available again", site, slog.Time("since", c.Since), slog.Duration("unavailable", time.Since(c.Since)))
			return
		}
		logger.LogAttrs(ctx, slog.LevelWarn, "Tableau unavailable since "+c.Since.UTC().Format(time.RFC3339), site, slog.Time("since", c.Since), slog.Any("error", c.Err))
	}
}

// logAmbiguous logs a request that net/http answers 400 before a handler runs, so that it has no
// event of its own.
func (a *App) logAmbiguous(remote net.Addr) {
	a.Logger.LogAttrs(context.Background(), slog.LevelInfo, "ambiguous request refused: Content-Length, Transfer-Encoding or line ends can be read in two ways",
		slog.String("remote", remote.String()), slog.Int("status", http.StatusBadRequest))
}

// observeCaller puts who asked into the request's event.
func observeCaller(observe func(context.Context, ...slog.Attr), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ok := auth.FromContext(r.Context()); ok {
			observe(r.Context(), slog.String("issuer", id.Issuer), slog.String("subject", id.Subject), slog.String("user", id.Username))
			if id.Client != "" {
				observe(r.Context(), slog.String("clientId", id.Client))
			}
		}
		next.ServeHTTP(w, r)
	})
}

// observeOrigins writes down why a page of another origin cannot read an answer: the browser hides
// it from the page, and shows its developer little.
func (a *App) observeOrigins(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		origin := r.Header.Get("Origin")
		if origin == "" || w.Header().Get("Access-Control-Allow-Origin") != "" || a.sameOrigin(origin, r) {
			return
		}
		reason := "cors.origins does not list the origin"
		if slices.Contains(a.Settings.CORS.Origins, origin) {
			reason = "the preflight asks for a method or a header that is not allowed"
		}
		attrs := []slog.Attr{slog.String("corsRefused", shortened(origin)), slog.String("corsReason", reason)}
		for header, key := range map[string]string{"Access-Control-Request-Method": "corsMethod", "Access-Control-Request-Headers": "corsHeaders"} {
			if value := r.Header.Get(header); value != "" {
				attrs = append(attrs, slog.String(key, shortened(value)))
			}
		}
		telemetry.Add(r.Context(), attrs...)
	})
}

// sameOrigin reports whether a page is this server's own: browsers name the origin of those too
// where they post.
func (a *App) sameOrigin(origin string, r *http.Request) bool {
	u, err := url.Parse(origin)
	return origin == a.address || err == nil && u.Host == r.Host && (u.Scheme == "http" || u.Scheme == "https")
}

// shortened is what the log repeats of a value that anybody chose.
func shortened(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
