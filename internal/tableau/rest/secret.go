package rest

import (
	"encoding/xml"
	"log/slog"
)

// Secret is a token or password: it prints as REDACTED wherever it goes. Read it with Reveal.
//
// It is a pointer inside: fmt calls no method of the value of an unexported field, and then prints
// the pointer.
type Secret struct {
	_    [0]func() // equal secrets are equal in text, which == does not compare
	text *string
}

// NewSecret wraps a token or password.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal gives the secret itself, for the one place that sends it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String hides the secret from everything that prints.
func (Secret) String() string { return "REDACTED" }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return "REDACTED" }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue("REDACTED") }

// MarshalJSON hides the secret from JSON.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"REDACTED"`), nil }

// UnmarshalJSON takes the secret out of an answer.
func (s *Secret) UnmarshalJSON(data []byte) error {
	*s = NewSecret(ScalarText(data))
	return nil
}

// UnmarshalXMLAttr takes the secret out of an answer.
func (s *Secret) UnmarshalXMLAttr(attr xml.Attr) error {
	*s = NewSecret(attr.Value)
	return nil
}
