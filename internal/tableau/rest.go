package tableau

import (
	"context"

	"vitrine/internal/tableau/rest"
)

// Only this package imports rest, the door to Tableau. The names below are the part of rest that the rest of the program uses.

// The scalars of answers; see [rest.Text] and the others.

type (
	Text       = rest.Text
	Int        = rest.Int
	Long       = rest.Long
	Flag       = rest.Flag
	Time       = rest.Time
	URL        = rest.URL
	LUID       = rest.LUID
	Secret     = rest.Secret
	Pagination = rest.Pagination
	NamedValue = rest.NamedValue
	RangeError = rest.RangeError
)

// The values of a [Flag].

const (
	Unsaid = rest.Unsaid
	No     = rest.No
	Yes    = rest.Yes
)

// NewInt returns an Int that is set.
func NewInt(v int64) Int { return rest.NewInt(v) }

// NewSecret returns a text that is never printed.
func NewSecret(text string) Secret { return rest.NewSecret(text) }

// ParseLUID checks that a text can be a LUID. UUIDs become lower case.
func ParseLUID(s string) (LUID, error) { return rest.ParseLUID(s) }

// AtLeast compares REST API versions as two numbers: 3.9 is less than 3.10.
func AtLeast(version, least string) bool { return rest.AtLeast(version, least) }

// Signing in and sessions.

type (
	Config        = rest.Config
	Credentials   = rest.Credentials
	Grant         = rest.Grant
	ServerInfo    = rest.ServerInfo
	Source        = rest.Source
	Refusal       = rest.Refusal
	RefusalMemory = rest.RefusalMemory
	Stream        = rest.Stream
)

// The states of a method; see [rest.Refusal].

const (
	NotRefused       = rest.NotRefused
	SuspectedRefusal = rest.SuspectedRefusal
	KnownRefusal     = rest.KnownRefusal
)

// Calls and what bounds them.

type (
	Call      = rest.Call
	Class     = rest.Class
	Gate      = rest.Gate
	Operation = rest.Operation
)

// The classes of calls; see [rest.Class].

const (
	Read        = rest.Read
	LongRunning = rest.LongRunning
	LookingUp   = rest.LookingUp
	SigningIn   = rest.SigningIn
	SigningOut  = rest.SigningOut
	Open        = rest.Open
)

// NewOperation returns an operation that has up to parallel calls under way at once.
func NewOperation(parallel int) *Operation { return rest.NewOperation(parallel) }

// WithOperation returns a context with an operation. Sessions that are made with it share its bounds.
func WithOperation(ctx context.Context, o *Operation) context.Context {
	return rest.WithOperation(ctx, o)
}

// OperationFrom returns the operation of a context, or a new one.
func OperationFrom(ctx context.Context) *Operation { return rest.OperationFrom(ctx) }

// WithPlace returns a context with the place that a [Gate] has given to a request; see [rest.WithPlace].
func WithPlace(ctx context.Context, leave func()) context.Context { return rest.WithPlace(ctx, leave) }

// Errors.

type (
	Error         = rest.Error
	Kind          = rest.Kind
	InputError    = rest.InputError
	TooLargeError = rest.TooLargeError
)

// The kinds of error; see [rest.Kind].

const (
	Unavailable  = rest.Unavailable
	Malformed    = rest.Malformed
	Timeout      = rest.Timeout
	SignedOut    = rest.SignedOut
	LoginRefused = rest.LoginRefused
	Refused      = rest.Refused
	Missing      = rest.Missing
	BadRequest   = rest.BadRequest
	RateLimited  = rest.RateLimited
	Unsupported  = rest.Unsupported
	TooLong      = rest.TooLong
)

// IsKind reports whether err is an [Error] of this kind.
func IsKind(err error, kind Kind) bool { return rest.IsKind(err, kind) }

// HasCode reports whether err has one of Tableau's codes.
func HasCode(err error, codes ...string) bool { return rest.HasCode(err, codes...) }
