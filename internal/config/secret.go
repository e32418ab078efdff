package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what every printed form of a secret says.
const redacted = "REDACTED"

// Secret is a password, a token secret or a key. However it is printed, logged
// or encoded, it says REDACTED; only Reveal gives it away.
type Secret string

// Reveal returns the secret itself. Call it where the secret leaves for its
// purpose, and nowhere else.
func (s Secret) Reveal() string { return string(s) }

// String returns REDACTED.
func (s Secret) String() string { return redacted }

// GoString returns REDACTED.
func (s Secret) GoString() string { return redacted }

// Format prints REDACTED for every verb: %x and %d would otherwise show bytes.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns REDACTED, for JSON and every other encoding.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns REDACTED.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
