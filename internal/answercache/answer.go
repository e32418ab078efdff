package answercache

import (
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"sync/atomic"
	"time"
)

// Answer is one answer, ready to be sent. Nothing of it changes once it is kept but its other forms.
type Answer struct {
	Key        Key
	Body       []byte // JSON, without errors and extensions
	Made, Ends time.Time
	Logouts    []string // marks of the logouts of the person when it was asked for
	Session    string   // at the provider, that it is good for; empty for any

	Operation string    // the name of the operation, for the log
	Points    int       // what it cost
	Over      []string  // limits that it is past and that are only measured
	Sites     slog.Attr // that it was read from; the zero value for none

	tag   atomic.Pointer[string]
	forms [2]atomic.Pointer[form]
}

// form is a body in another coding.
type form struct {
	coding string
	body   []byte
}

// cost is the memory that an answer takes, its other forms included.
func (a *Answer) cost() int64 { return int64(overhead + a.Key.bytes() + 2*len(a.Body)) }

// Encoded returns the body in a coding, such as gzip, which encode makes of it the first time. Forms
// that save less than half are not kept: the cost has no room for them.
func (a *Answer) Encoded(coding string, encode func([]byte) []byte) []byte {
	for i := range a.forms {
		f := a.forms[i].Load()
		if f != nil && f.coding == coding {
			return f.body
		}
		if f != nil {
			continue
		}
		made := &form{coding, encode(a.Body)}
		if len(made.body) <= len(a.Body)/len(a.forms) {
			a.forms[i].CompareAndSwap(nil, made)
		}
		return made.body
	}
	return encode(a.Body)
}

// Tag is a text that two answers share if their bodies are equal.
func (a *Answer) Tag() string {
	if tag := a.tag.Load(); tag != nil {
		return *tag
	}
	tag := TagOf(a.Body)
	a.tag.Store(&tag)
	return tag
}

// TagOf is the tag of a body that is in several pieces.
func TagOf(pieces ...[]byte) string {
	h := sha256.New()
	for _, piece := range pieces {
		_, _ = h.Write(piece) // a hash never fails
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}
