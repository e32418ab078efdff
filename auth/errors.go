package auth

import (
	"fmt"
	"net/http"
	"time"
)

// Codes of refusals, as written in extensions.code of the answer.
const (
	// CodeUnauthenticated says that there is no token, or not a good one (401).
	CodeUnauthenticated = "UNAUTHENTICATED"
	// CodeForbidden says that the token is good but gives no usable name (403).
	CodeForbidden = "FORBIDDEN"
	// CodeUnavailable says that the provider is needed and does not answer (503).
	CodeUnavailable = "IDENTITY_UNAVAILABLE"
)

// Values of the error attribute of WWW-Authenticate (RFC 6750, section 3.1).
const (
	invalidRequest    = "invalid_request"
	invalidToken      = "invalid_token"
	insufficientScope = "insufficient_scope"
)

// Error is a refusal. No part of it holds token text, nor a value of a claim.
type Error struct {
	// Status is the HTTP status of the answer: 400, 401, 403 or 503.
	Status int
	// Code is one of the codes above.
	Code string
	// Message says to a person what happened and what to do; it is safe to send.
	Message string
	// RetryAfter is when it may be worth trying again; 0 if it does not apply.
	RetryAfter time.Duration

	format    string // of the message, before values were put in; see Advice
	challenge string // the error attribute of WWW-Authenticate; "" leaves it out
	cause     error  // for the log: why the provider could not be asked
}

// Error returns the message and, for an unavailable provider, the cause. The
// cause is for logs; send only Message.
func (e *Error) Error() string {
	if e.cause != nil {
		return "auth: " + e.Message + " (" + e.cause.Error() + ")"
	}
	return "auth: " + e.Message
}

// Unwrap returns why the provider could not be asked, if that is the reason.
func (e *Error) Unwrap() error { return e.cause }

// refuse is a 401 for a token that is not good enough.
func refuse(format string, args ...any) *Error {
	return &Error{
		Status: http.StatusUnauthorized, Code: CodeUnauthenticated,
		Message: fmt.Sprintf(format, args...), challenge: invalidToken, format: format,
	}
}

// missing is the 401 for a request without credentials. RFC 6750, section 3.1:
// it must carry no error code.
func missing() *Error {
	return &Error{
		Status: http.StatusUnauthorized, Code: CodeUnauthenticated,
		Message: "This address needs an access token: send it in the header Authorization: Bearer <token>.",
	}
}

// malformed is a 400 for a request that holds its token in no acceptable way.
func malformed(message string) *Error {
	return &Error{
		Status: http.StatusBadRequest, Code: CodeUnauthenticated,
		Message: message, challenge: invalidRequest,
	}
}

// forbid is a 403 for a good token of someone without a usable name.
func forbid(format string, args ...any) *Error {
	return &Error{
		Status: http.StatusForbidden, Code: CodeForbidden,
		Message: fmt.Sprintf(format, args...), format: format,
	}
}

// unavailable is a 503: whether the token is good cannot be said now.
func unavailable(issuer string, retry time.Duration, cause error) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeUnavailable,
		Message:    fmt.Sprintf("The identity provider %s cannot be asked at the moment; try again soon.", issuer),
		RetryAfter: retry, cause: cause,
	}
}

// undecided is a 503 for a token whose key is not known and may not be asked for yet.
func undecided(retry time.Duration) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeUnavailable,
		Message:    "The token's key is not known yet, and the identity provider was asked for its keys a moment ago; send the request again.",
		RetryAfter: retry, cause: errTooSoon,
	}
}

// misconfigured is a 503 for a provider whose answer is of a kind that trying again does not
// change.
func misconfigured(retry time.Duration, format string, args ...any) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeUnavailable,
		Message: fmt.Sprintf(format, args...), RetryAfter: retry,
	}
}
