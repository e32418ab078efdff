package tableau

import (
	"context"

	"vitrine/internal/tableau/rest"
)

// Only this package imports rest, the door to Tableau. The names below are the part of rest that
// the rest of the program uses.

// The scalars of answers; see [rest.Text] and the others.

type (
	// Text is [rest.Text].
	Text = rest.Text
	// Int is [rest.Int].
	Int = rest.Int
	// Long is [rest.Long].
	Long = rest.Long
	// Flag is [rest.Flag].
	Flag = rest.Flag
	// Time is [rest.Time].
	Time = rest.Time
	// URL is [rest.URL].
	URL = rest.URL
	// LUID is [rest.LUID].
	LUID = rest.LUID
	// Secret is [rest.Secret].
	Secret = rest.Secret
	// Pagination is [rest.Pagination].
	Pagination = rest.Pagination
	// NamedValue is [rest.NamedValue].
	NamedValue = rest.NamedValue
	// RangeError is [rest.RangeError].
	RangeError = rest.RangeError
)

// The values of a [Flag].
const (
	// Unsaid is [rest.Unsaid].
	Unsaid = rest.Unsaid
	// No is [rest.No].
	No = rest.No
	// Yes is [rest.Yes].
	Yes = rest.Yes
)

// NewInt returns an Int that is set.
func NewInt(v int64) Int { return rest.NewInt(v) }

// NewSecret returns a text that is never printed.
func NewSecret(text string) Secret { return rest.NewSecret(text) }

// ParseLUID checks that a text can be a LUID. UUIDs become lower case.
func ParseLUID(s string) (LUID, error) { return rest.ParseLUID(s) }

// AtLeast compares REST API versions as two numbers: 3.9 is less than 3.10.
func AtLeast(version, least string) bool { return rest.AtLeast(version, least) }

// The table of methods.

// Method is [rest.Method].
type Method = rest.Method

// Methods returns the table of REST methods; see [rest.Methods].
func Methods() []Method { return rest.Methods() }

// ScopeKnown reports whether a server of a version knows a scope.
func ScopeKnown(scope, version string) bool { return rest.ScopeKnown(scope, version) }

// Signing in and sessions.

type (
	// Config is [rest.Config].
	Config = rest.Config
	// Credentials is [rest.Credentials].
	Credentials = rest.Credentials
	// Grant is [rest.Grant].
	Grant = rest.Grant
	// ServerInfo is [rest.ServerInfo].
	ServerInfo = rest.ServerInfo
	// Source is [rest.Source].
	Source = rest.Source
	// Refusal is [rest.Refusal].
	Refusal = rest.Refusal
	// RefusalMemory is [rest.RefusalMemory].
	RefusalMemory = rest.RefusalMemory
	// Stream is [rest.Stream].
	Stream = rest.Stream
)

// The states of a method; see [rest.Refusal].
const (
	// NotRefused is [rest.NotRefused].
	NotRefused = rest.NotRefused
	// SuspectedRefusal is [rest.SuspectedRefusal].
	SuspectedRefusal = rest.SuspectedRefusal
	// KnownRefusal is [rest.KnownRefusal].
	KnownRefusal = rest.KnownRefusal
)

// Calls and what bounds them.

type (
	// Call is [rest.Call].
	Call = rest.Call
	// Class is [rest.Class].
	Class = rest.Class
	// Gate is [rest.Gate].
	Gate = rest.Gate
	// Operation is [rest.Operation].
	Operation = rest.Operation
)

// The classes of calls; see [rest.Class].
const (
	// Read is [rest.Read].
	Read = rest.Read
	// LongRunning is [rest.LongRunning].
	LongRunning = rest.LongRunning
	// LookingUp is [rest.LookingUp].
	LookingUp = rest.LookingUp
	// SigningIn is [rest.SigningIn].
	SigningIn = rest.SigningIn
	// SigningOut is [rest.SigningOut].
	SigningOut = rest.SigningOut
	// Open is [rest.Open].
	Open = rest.Open
)

// NewOperation returns an operation that has up to parallel calls under way at once.
func NewOperation(parallel int) *Operation { return rest.NewOperation(parallel) }

// WithOperation returns a context with an operation. Sessions that are made with it share its
// bounds.
func WithOperation(ctx context.Context, o *Operation) context.Context {
	return rest.WithOperation(ctx, o)
}

// WithWaiting returns a context in which more is called by each read that is about to wait; see
// [rest.WithWaiting].
func WithWaiting(ctx context.Context, more func()) context.Context {
	return rest.WithWaiting(ctx, more)
}

// Waits is called by what is about to wait: see [WithWaiting].
func Waits(ctx context.Context) { rest.Waits(ctx) }

// OperationFrom returns the operation of a context, or a new one.
func OperationFrom(ctx context.Context) *Operation { return rest.OperationFrom(ctx) }

// WithPlace returns a context with the place that a [Gate] has given to a request; see
// [rest.WithPlace].
func WithPlace(ctx context.Context, leave func()) context.Context { return rest.WithPlace(ctx, leave) }

// Errors.

type (
	// Error is [rest.Error].
	Error = rest.Error
	// Kind is [rest.Kind].
	Kind = rest.Kind
	// InputError is [rest.InputError].
	InputError = rest.InputError
	// TooLargeError is [rest.TooLargeError].
	TooLargeError = rest.TooLargeError
)

// The kinds of error; see [rest.Kind].
const (
	// Unavailable is [rest.Unavailable].
	Unavailable = rest.Unavailable
	// Malformed is [rest.Malformed].
	Malformed = rest.Malformed
	// Timeout is [rest.Timeout].
	Timeout = rest.Timeout
	// SignedOut is [rest.SignedOut].
	SignedOut = rest.SignedOut
	// LoginRefused is [rest.LoginRefused].
	LoginRefused = rest.LoginRefused
	// Refused is [rest.Refused].
	Refused = rest.Refused
	// Missing is [rest.Missing].
	Missing = rest.Missing
	// BadRequest is [rest.BadRequest].
	BadRequest = rest.BadRequest
	// RateLimited is [rest.RateLimited].
	RateLimited = rest.RateLimited
	// Unsupported is [rest.Unsupported].
	Unsupported = rest.Unsupported
	// TooLong is [rest.TooLong].
	TooLong = rest.TooLong
)

// IsKind reports whether err is an [Error] of this kind.
func IsKind(err error, kind Kind) bool { return rest.IsKind(err, kind) }

// HasCode reports whether err has one of Tableau's codes.
func HasCode(err error, codes ...string) bool { return rest.HasCode(err, codes...) }
