package audit

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// Version is the version of [Line]. It changes when a field changes its meaning or goes; new fields
// leave it as it is.
const Version = 1

// Line is one line of the audit log. docs/operators/audit-line.schema.json describes it.
type Line struct {
	Version   int       `json:"version"`
	Time      time.Time `json:"time"` // UTC
	Event     Event     `json:"event"`
	RequestID string    `json:"requestId"`
	From      string    `json:"from"` // the client's address
	Method    string    `json:"method"`
	Status    int       `json:"status"` // 499 if the client left before there was an answer

	Issuer  string `json:"issuer,omitempty"`
	Subject string `json:"subject,omitempty"`
	User    string `json:"user,omitempty"` // the Tableau user name
	Client  string `json:"clientId,omitempty"`

	Operation   string         `json:"operation,omitempty"`
	Hash        string         `json:"documentHash,omitempty"` // "sha256:" and the hash of the document's text
	Document    string         `json:"document,omitempty"`     // the id that the request names
	DryRun      bool           `json:"dryRun,omitempty"`
	Cached      bool           `json:"cached,omitempty"` // the answer came from the answer cache
	Cost        int64          `json:"cost,omitempty"`
	Roles       []string       `json:"roles,omitempty"`
	Sites       []string       `json:"sites,omitempty"`       // content URLs
	Field       string         `json:"field,omitempty"`       // that returned the content link
	EmbedTokens []string       `json:"embedTokens,omitempty"` // fields that gave one
	Calls       map[string]int `json:"calls,omitempty"`       // by REST method, as a template
	Refused     []string       `json:"refused,omitempty"`     // codes
	Errors      []string       `json:"errors,omitempty"`      // codes
	Skipped     int            `json:"skipped,omitempty"`     // lines that were not written before this one
}

// Event is the kind of a request.
type Event string

// The events.
const (
	EventQuery   Event = "query"   // a GraphQL document
	EventSchema  Event = "schema"  // the schema as text
	EventContent Event = "content" // a content link was opened
	EventLogout  Event = "logout"  // a provider logged somebody out
	EventEdge    Event = "edge"    // a request was refused before a route was chosen
)

// record collects the line of one request.
type record struct {
	mu   sync.Mutex
	line Line
	done bool
}

type recordKey struct{}

// Add takes what a line has of attributes of the request that ctx belongs to, by their names in the
// log event of the request. Everything else is dropped. It may be called from any number of
// goroutines; outside of a request, and after its line was written, it does nothing.
func Add(ctx context.Context, attrs ...slog.Attr) {
	r, ok := ctx.Value(recordKey{}).(*record)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done {
		return
	}
	for _, a := range attrs {
		r.line.set(a)
	}
}

// coded is a list of errors that knows their public codes.
type coded interface{ Codes() []string }

// errorsKey is the key of errors in log events.
const errorsKey = "errors"

// set is the list of what a line can have.
func (l *Line) set(a slog.Attr) {
	switch a.Key {
	case "issuer":
		l.Issuer = text(a)
	case "subject":
		l.Subject = text(a)
	case "user":
		l.User = text(a)
	case "clientId":
		l.Client = text(a)
	case "operation":
		l.Operation = text(a)
	case "documentHash":
		l.Hash = text(a)
	case "document":
		l.Document = text(a)
	case "dryRun":
		l.DryRun = a.Value.Kind() == slog.KindBool && a.Value.Bool()
	case "cached":
		l.Cached = a.Value.Kind() == slog.KindBool && a.Value.Bool()
	case "cost":
		if a.Value.Kind() == slog.KindInt64 {
			l.Cost = a.Value.Int64()
		}
	case "roles":
		l.Roles = texts(a)
	case "sites":
		l.Sites = texts(a)
	case "field":
		l.Field = text(a)
	case "embedTokens":
		l.EmbedTokens = texts(a)
	case "calls":
		if calls, ok := a.Value.Any().(map[string]int); ok {
			l.Calls = maps.Clone(calls)
		}
	case "refused":
		l.Refused = codes(a)
	case errorsKey:
		l.Errors = codes(a)
	}
}

// maxText and maxTexts bound what one request can write.
const (
	maxText  = 512
	maxTexts = 200
)

func text(a slog.Attr) string {
	if a.Value.Kind() != slog.KindString {
		return ""
	}
	return shortened(a.Value.String())
}

func texts(a slog.Attr) []string {
	list, _ := a.Value.Any().([]string)
	list = slices.Clone(list[:min(len(list), maxTexts)])
	for i := range list {
		list[i] = shortened(list[i])
	}
	return list
}

// codes are the distinct public codes of errors, or the one code of a refusal.
func codes(a slog.Attr) []string {
	if a.Value.Kind() == slog.KindString {
		return []string{text(a)}
	}
	list, ok := a.Value.Any().(coded)
	if !ok {
		return nil
	}
	all := list.Codes()
	slices.Sort(all)
	return slices.Compact(all)
}

func shortened(s string) string {
	if len(s) > maxText {
		return s[:maxText] + "…"
	}
	return s
}
