// Package problem writes the body of every error answer, and reads the header Accept.
//
// An error answer is a GraphQL response without data, on every path of the server:
//
//	{"errors":[{"message":"…","extensions":{"code":"…","requestId":"…","retryAfter":1}}]}
//
// Start with [Write]. Package internal/graphqlhttp, whose errors may have paths and locations, uses
// [Send] instead.
package problem

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"
)

// RequestIDHeader is the header of the answer that holds the id of the request. The middleware of
// internal/telemetry sets it before any handler runs.
const RequestIDHeader = "X-Request-Id"

// Codes that several packages answer with. docs/guide-frontend.md documents all codes.
const (
	CodeBadInput          = "BAD_USER_INPUT"
	CodeDeadline          = "DEADLINE_EXCEEDED"
	CodeForbidden         = "FORBIDDEN"
	CodeInternal          = "INTERNAL"
	CodeMethodNotAllowed  = "METHOD_NOT_ALLOWED"
	CodeNotFound          = "NOT_FOUND"
	CodeNotPersisted      = "PERSISTED_QUERY_NOT_SUPPORTED"
	CodeNotAudited        = "AUDIT_UNAVAILABLE"
	CodeNotFoundPersisted = "PERSISTED_QUERY_NOT_FOUND"
	CodeNotTrusted        = "DOCUMENT_NOT_TRUSTED"
	CodeParseFailed       = "GRAPHQL_PARSE_FAILED"
	CodeRateLimited       = "RATE_LIMITED"
	CodeTooCostly         = "QUERY_TOO_COSTLY"
	CodeUnauthenticated   = "UNAUTHENTICATED"
	CodeValidationFailed  = "GRAPHQL_VALIDATION_FAILED"
)

// Codes returns every code that an error answer or a GraphQL error of this server can have, for
// metrics. docs/guide-frontend.md documents each.
func Codes() []string {
	return []string{
		CodeNotAudited, CodeBadInput, CodeDeadline, CodeForbidden, "EMBED_FORBIDDEN", "IDENTITY_UNAVAILABLE", CodeInternal, CodeMethodNotAllowed, CodeNotFound,
		CodeNotPersisted, CodeNotFoundPersisted, CodeNotTrusted, CodeParseFailed, CodeRateLimited, CodeTooCostly, CodeUnauthenticated, CodeValidationFailed, "QUERY_TOO_DEEP",
		"QUERY_TOO_LARGE", "SITE_UNKNOWN", "TABLEAU_FORBIDDEN", "TABLEAU_PARTIAL", "TABLEAU_RATE_LIMITED", "TABLEAU_SIGN_IN_FAILED", "TABLEAU_TIMEOUT",
		"TABLEAU_UNAVAILABLE", "TABLEAU_UNSUPPORTED", "TABLEAU_USER_UNKNOWN",
	}
}

// texts are the messages of codes where the sender has nothing more exact to say. The texts of
// INTERNAL and NOT_FOUND are the only ones of their codes: they must not reveal anything.
var texts = map[string]string{
	CodeBadInput:         "the request cannot be understood",
	CodeDeadline:         "the request took too long and was given up: ask for less at once",
	CodeForbidden:        "you may not do this",
	CodeInternal:         "internal error: ask your administrator to check the server log for the requestId",
	CodeMethodNotAllowed: "this address does not support the method of the request",
	CodeNotAudited:       "this server records each request and cannot at the moment: ask again later, or tell your administrator",
	CodeNotFound:         "there is no such object, or you may not see it",
	CodeRateLimited:      "too many requests: ask again later",
	CodeUnauthenticated:  "a bearer token is needed",
}

// Text returns the message of a code, "" for a code without a message of its own.
func Text(code string) string { return texts[code] }

// Error is an error answer.
type Error struct {
	Status     int
	Code       string
	Message    string        // safe to send; "" for Text(Code)
	RetryAfter time.Duration // when the request may succeed; 0 if it does not apply
}

// entry is one error of a body.
type entry struct {
	Message    string     `json:"message"`
	Extensions extensions `json:"extensions"`
}

type extensions struct {
	Code       string `json:"code"`
	RequestID  string `json:"requestId,omitempty"`
	RetryAfter int    `json:"retryAfter,omitempty"`
}

// Write answers a request with one error. It sets Retry-After where the error has one, and takes
// the request's id from the header X-Request-Id of the answer.
func Write(w http.ResponseWriter, r *http.Request, e Error) {
	message := e.Message
	if message == "" {
		message = Text(e.Code)
	}
	after := Seconds(e.RetryAfter)
	if after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(after))
	}
	media, _ := MediaType(r.Header.Values("Accept"))
	Send(w, media, e.Status, []entry{{message, extensions{e.Code, w.Header().Get(RequestIDHeader), after}}})
}

// Send answers with a list of errors. The list must be one that encoding/json can marshal; where it
// is not, the body has no errors.
func Send(w http.ResponseWriter, media string, status int, errs any) {
	var body bytes.Buffer
	body.WriteString(`{"errors":`)
	body.Write(JSON(errs))
	body.WriteString("}")
	h := w.Header()
	for _, name := range []string{"Content-Encoding", "Content-Disposition", "Content-Range", "Etag", "Last-Modified", "Trailer"} {
		h.Del(name) // of an answer that this one replaces
	}
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // an error means that the client has left
}

// JSON returns v as JSON, without escapes for HTML; null where v cannot be marshaled.
func JSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return []byte("null")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Seconds rounds up to whole seconds, as Retry-After has them (RFC 9110, section 10.2.3).
func Seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
