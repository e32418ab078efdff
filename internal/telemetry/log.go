package telemetry

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// redacted replaces a secret.
const redacted = "REDACTED"

// secretKeys are the attribute names, in lower case, whose values are never
// written. Nothing of ours logs under these names; the list is a net below those
// who forget, not permission to try.
var secretKeys = map[string]bool{
	"authorization":  true,
	"x-tableau-auth": true,
	"cookie":         true,
	"set-cookie":     true,
	"token":          true,
	"accesstoken":    true,
	"access_token":   true,
	"password":       true,
	"secret":         true,
}

// NewLogger returns a logger that writes one line per event to w, in the format
// "json" or "text". Events below level are dropped.
func NewLogger(w io.Writer, format string, level slog.Level) (*slog.Logger, error) {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: rewrite}
	switch format {
	case "json":
		return slog.New(newLines(w, options)), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	default:
		return nil, fmt.Errorf("telemetry: unknown log format %q: use json or text", format)
	}
}

// rewrite gives an attribute the form that it has in every event.
func rewrite(groups []string, a slog.Attr) slog.Attr { return milliseconds(hideSecrets(groups, a)) }

// hideSecrets takes the value out of an attribute that is named like a secret.
func hideSecrets(_ []string, a slog.Attr) slog.Attr {
	if isSecretKey(a.Key) {
		return slog.String(a.Key, redacted)
	}
	return a
}

// isSecretKey looks a name up without its case.
func isSecretKey(key string) bool {
	var lower [len("x-tableau-auth")]byte // as long as the longest
	if len(key) > len(lower) {
		return secretKeys[strings.ToLower(key)]
	}
	for i := range len(key) {
		lower[i] = key[i]
		if 'A' <= key[i] && key[i] <= 'Z' {
			lower[i] += 'a' - 'A'
		}
	}
	return secretKeys[string(lower[:len(key)])]
}
