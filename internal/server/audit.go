package server

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"vitrine/internal/audit"
	"vitrine/internal/config"
	"vitrine/internal/edge"
	"vitrine/internal/problem"
	"vitrine/internal/telemetry"
)

// newAudit makes the audit log of the settings; nil where they have none.
func newAudit(c *config.Config, logger *slog.Logger) *audit.Log {
	a := c.Audit
	if a.Output != config.AuditStdout && a.Output != config.AuditFile {
		return nil
	}
	l := audit.Config{MaxSize: a.MaxMegabytes, KeepFiles: a.KeepFiles, KeepDays: a.KeepDays, Required: a.Required, Logger: logger}
	if a.Output == config.AuditFile {
		l.File = a.File
	}
	return audit.New(l)
}

// auditAdd adds to audit lines; nil where there are none.
func (a *App) auditAdd() func(context.Context, ...slog.Attr) {
	if a.audit == nil {
		return nil
	}
	return audit.Add
}

// auditEdge writes the line of a request that the edge refuses; nil without an audit log.
func (a *App) auditEdge() func(*http.Request, int) {
	if a.audit == nil {
		return nil
	}
	return func(r *http.Request, status int) {
		a.audit.Refused(telemetry.RequestID(r.Context()), edge.ClientAddress(r.Context()).String(), r.Method, status)
	}
}

func (a *App) openAudit() error {
	if a.audit == nil {
		return nil
	}
	return a.audit.Open()
}

func (a *App) closeAudit() {
	if a.audit == nil {
		return
	}
	if err := a.audit.Close(); err != nil {
		a.Logger.Warn("the audit log could not be closed", "error", err)
	}
}

// audited writes a line for each request that reads something, or is refused to.
func (a *App) audited(next http.Handler) http.Handler {
	if a.audit == nil {
		return next
	}
	return a.audit.Middleware(audit.Request{
		Event: auditEvent, ID: telemetry.RequestID,
		From: func(ctx context.Context) string { return edge.ClientAddress(ctx).String() },
		Refused: func(ctx context.Context) {
			telemetry.Add(ctx, slog.String("refused", problem.CodeNotAudited), slog.String("reason", "the audit line cannot be written, and audit.required is true"))
		},
	}, next)
}

// auditEvent is the kind of a request; empty for pages, health checks and preflights, which are the
// same for everybody.
func auditEvent(r *http.Request) audit.Event {
	switch path := r.URL.Path; {
	case r.Method == http.MethodOptions:
		return ""
	case path == "/graphql":
		return audit.EventQuery
	case path == "/schema.graphql":
		return audit.EventSchema
	case strings.HasPrefix(path, "/content/"):
		return audit.EventContent
	case path == logoutPath:
		return audit.EventLogout
	}
	return ""
}
