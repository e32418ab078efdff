package wire

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// Error is a refusal: a status, Tableau's code and a text.
type Error struct {
	Status  int
	Code    string
	Summary string
	detail  string
}

func (e *Error) Error() string { return e.Code + " " + e.Summary + ": " + e.detail }

// Text returns what the error says about this request, or the summary.
func (e *Error) Text() string { return cmp.Or(e.detail, e.Summary) }

// Element returns the error as an answer holds it.
func (e *Error) Element() *Element {
	return New("error", Str("code", e.Code)).Add(Text("summary", e.Summary), Text("detail", e.detail))
}

// Fail returns an error with a code. Its status is the first three digits of the code, as nearly
// everywhere in Tableau.
func Fail(code, detail string, args ...any) *Error {
	status := int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	summary, ok := summaries[code]
	if !ok {
		summary = map[int]string{400: "Bad Request", 401: "Unauthorized Access", 403: "Forbidden", 404: "Resource Not Found"}[status]
	}
	return &Error{Status: status, Code: code, Summary: summary, detail: fmt.Sprintf(detail, args...)}
}

var summaries = map[string]string{
	"400006": "Invalid page number",
	"400007": "Invalid page size",
	"400065": "Bad Request",
	"401001": "Signin Error",
	"405000": "Invalid Request Method",
	"406000": "Not Acceptable",
	"429000": "Too Many Requests",
	"500000": "Internal Server Error",
}

// PlainJSON returns the error as methods outside the versioned API write it. The documentation
// shows no whole example; clients look for code and message.
func (e *Error) PlainJSON() []byte {
	b, _ := json.Marshal(map[string]string{"code": e.Code, "message": e.Summary + ": " + e.detail}) // two strings: they always marshal
	return b
}
