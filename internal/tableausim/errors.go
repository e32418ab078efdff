package tableausim

import "fmt"

// apiError is an answer that refuses: a status, Tableau's code and a text.
type apiError struct {
	status  int
	code    string
	summary string
	detail  string
}

func (e *apiError) Error() string { return e.code + " " + e.summary + ": " + e.detail }

func (e *apiError) element() *element {
	return el("error", str("code", e.code)).add(textElement("summary", e.summary), textElement("detail", e.detail))
}

// fail makes an error of a code; the status is its first three digits, as nearly everywhere in Tableau.
func fail(code, detail string, args ...any) *apiError {
	status := int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	summary, ok := summaries[code]
	if !ok {
		summary = map[int]string{400: "Bad Request", 401: "Unauthorized Access", 403: "Forbidden", 404: "Resource Not Found"}[status]
	}
	return &apiError{status: status, code: code, summary: summary, detail: fmt.Sprintf(detail, args...)}
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

func errForbidden() *apiError {
	return fail("403004", "The user is not allowed to perform this operation on the resource.")
}

func errNotFound(code, kind, id string) *apiError {
	return fail(code, "%s '%s' could not be found.", kind, id)
}

func errUnknownResource(path string) *apiError {
	return fail("404003", "Unknown resource '%s' specified in URI.", path)
}
