package rest

import "context"

// Call is a request on its way to Tableau, with what a Gate needs to know of it.
type Call struct {
	Name  string // method and path template, never values: GET sites/{site}/workbooks
	Class Class
	Site  string // content URL; empty for the default site, and where the class is Open
	User  LUID   // whose session it is; empty where the class is not Read or LongRunning
}

// Class sorts calls by what they are to Tableau.
type Class uint8

// The classes of calls.
const (
	Read        Class = iota // one of a list or of a thing
	LongRunning              // a read for which Tableau renders or exports: Cloud works on 20 at a time for a site
	LookingUp                // a read that finds whom to sign in; no person's
	SigningIn                // not repeatable
	SigningOut               // not repeatable
	Open                     // a read of what anyone may know, of no site: serverinfo
)

// Repeatable says whether the same call may be sent again: reads change nothing.
func (c Class) Repeatable() bool { return c != SigningIn && c != SigningOut }

// Gate is passed by every request that leaves. It may let it wait, refuse it with an [Error], or
// send it again: try sends it once, and gives the error of that try, an [Error] where it is about
// Tableau. internal/upstream has the one that matters.
type Gate interface {
	Pass(ctx context.Context, c Call, try func(context.Context) error) error
}

// placeKey is the key of a request's place in a context.
type placeKey struct{}

// WithPlace returns a context with the place that a [Gate] has given to a request. leave gives it
// back before the request has ended, and may be called several times.
func WithPlace(ctx context.Context, leave func()) context.Context {
	return context.WithValue(ctx, placeKey{}, leave)
}

// leavePlace gives the place of a request back.
func leavePlace(ctx context.Context) {
	if leave, ok := ctx.Value(placeKey{}).(func()); ok {
		leave()
	}
}

// openGate is the gate where none is given.
type openGate struct{}

func (openGate) Pass(ctx context.Context, _ Call, try func(context.Context) error) error {
	return try(ctx)
}
