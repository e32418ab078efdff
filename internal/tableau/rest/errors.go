package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind sorts what went wrong by what a caller can do about it.
type Kind uint8

// The kinds of error.
const (
	Unavailable  Kind = iota // no connection, a gateway's page, a status of 500 and more
	Malformed                // an answer that cannot be read: HTML, cut, broken, too large
	Timeout                  // Tableau took too long
	SignedOut                // 401 on a read: the session is gone
	LoginRefused             // 401001: name, password, token or site are wrong
	Refused                  // 403
	Missing                  // 404
	BadRequest               // 400 and what is left of 4xx, with a code of Tableau's
	RateLimited              // 429
	Unsupported              // the server lacks this method
	TooLong                  // 413, 414 or 431 of something before Tableau
)

var kindTexts = map[Kind]string{
	Unavailable: "Tableau cannot be reached", Malformed: "Tableau's answer cannot be read", Timeout: "Tableau took too long",
	SignedOut: "the Tableau session has ended", LoginRefused: "Tableau refused the sign-in", Refused: "Tableau refused",
	Missing: "Tableau knows no such thing", BadRequest: "Tableau did not understand the request",
	RateLimited: "Tableau asks to wait", Unsupported: "this Tableau server has no such method",
	TooLong: "the request is too long",
}

// String says what went wrong.
func (k Kind) String() string { return kindTexts[k] }

// Error is what Tableau, or the way to it, has against a request. Texts are Tableau's; test Kind
// and Code, never texts.
type Error struct {
	Kind       Kind
	Call       string        // method and path template, never values: GET sites/{site}/workbooks
	Status     int           // HTTP status, 0 without an answer
	Code       string        // Tableau's code such as 404002; not always a number
	Summary    string        // for the log
	Detail     string        // for the log: it may repeat names and values
	RetryAfter time.Duration // for RateLimited and Unavailable, where the answer says it
	Needs      string        // for Unsupported: the API version that has it; empty where it is not a matter of versions
	Until      string        // for Unsupported: the first API version that has it no more
	Has        string        // the API version of the server, beside Needs
	Err        error         // what the transport said
}

// Error gives kind, call, status and code; never Tableau's detail, which may repeat what was asked.
func (e *Error) Error() string {
	s := kindTexts[e.Kind] + ": " + e.Call
	if e.Status != 0 {
		s += fmt.Sprintf(": status %d", e.Status)
	}
	if e.Code != "" {
		s += ", code " + e.Code
	}
	if e.Summary != "" {
		s += " (" + e.Summary + ")"
	}
	if e.Needs != "" {
		s += ": it is there from REST API " + e.Needs
		if e.Until != "" {
			s += " to before " + e.Until
		}
		s += ", and this server has " + e.Has
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Passes says that the same read may well succeed a moment later: there was no connection, or it
// broke off in the middle of the answer, or the status was 429, 502, 503 or 504. A status of 500 is
// not among them: Tableau gives it for what it cannot do at all. A query to data that was refused for
// its quota, or took too long, is not either.
func (e *Error) Passes() bool {
	if e.IsQuota() || e.Status == http.StatusGatewayTimeout && e.isDataQuery() {
		return false
	}
	switch e.Status {
	case 0:
		return e.Kind == Unavailable || e.Kind == Malformed && errors.Is(e.Err, errBroken)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// IsQuota says that the site has used up its queries to data of the hour. A wait of seconds brings
// none back, and all other reads go on.
func (e *Error) IsQuota() bool { return e.Status == http.StatusTooManyRequests && e.isDataQuery() }

// isDataQuery says whether the call is one of the VizQL Data Service.
func (e *Error) isDataQuery() bool { return strings.HasPrefix(e.Call, "POST v1/vizql-data-service/") }

// Number is the number at the end of Detail, in parentheses, that says why a JWT was refused: 126
// for an unknown connected app. It is empty where Detail has no such number.
func (e *Error) Number() string {
	text := strings.TrimRight(e.Detail, " .")
	open := strings.LastIndexByte(text, '(')
	if open < 0 || !strings.HasSuffix(text, ")") {
		return ""
	}
	number := text[open+1 : len(text)-1]
	if number == "" || len(number) > 6 || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return number
}

// Unwrap gives what the transport said.
func (e *Error) Unwrap() error { return e.Err }

// IsKind says whether err is an Error of this kind.
func IsKind(err error, kind Kind) bool {
	if err == nil {
		return false // asked for every item of a list: without an error it costs nothing
	}
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// HasCode says whether err carries one of Tableau's codes.
func HasCode(err error, codes ...string) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	for _, code := range codes {
		if e.Code == code {
			return true
		}
	}
	return false
}

// InputError is a request that Tableau cannot be asked: bad user input, refused before anything is
// sent.
type InputError struct{ Reason string }

// Error says what cannot be asked and what to do.
func (e *InputError) Error() string { return e.Reason }
