package resolvers

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/auth"
	"vitrine/internal/policy"
)

// transport is GraphQL over HTTP, https://graphql.github.io/graphql-over-http/draft/, on POST with JSON and on GET. The stock one
// reads bodies without a limit, repeats them in its errors, and answers 200 or 422 where the draft wants 4xx (docs/decisions.md).
type transport struct{ *engine }

// methods are those that /graphql knows. HEAD is a GET whose answer net/http sends without its body.
const methods = "GET, HEAD, POST, OPTIONS"

func (t transport) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	media, acceptable := accepted(r.Header.Values("Accept"))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept") // CORS, further out, adds Origin
	id, ok := auth.FromContext(r.Context())
	if !ok { // the middleware in front refuses; this is the second lock on the same door
		t.refuseText(w, r, media, http.StatusUnauthorized, "UNAUTHENTICATED", "a bearer token is needed")
		return
	}
	if r.Method == http.MethodOptions { // a preflight is answered further out, by CORS
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if !acceptable {
		t.refuseText(w, r, media, http.StatusNotAcceptable, codeBadInput, "answers are "+mediaResponse+" or "+mediaJSON+": put one of them into Accept")
		return
	}
	q, refused := t.read(w, r)
	if refused != nil {
		t.refuse(w, r, media, refused)
		return
	}
	view, err := t.viewFor(id)
	if err != nil {
		t.refuseText(w, r, media, http.StatusForbidden, codeForbidden, forbiddenText(err))
		return
	}
	prepared, refused := t.prepare(view, q)
	dry := q.asks("dryRun")
	if over := t.charge(r.Context(), w.Header(), id, prepared, dry); over != nil {
		refused = over
	}
	if refused == nil && r.Method != http.MethodPost && prepared.Operation.Operation != ast.Query {
		w.Header().Set("Allow", "POST")
		refused = refuse(http.StatusMethodNotAllowed, codeValidationFailed, gqlerror.Errorf("GET runs queries only"))
	}
	if refused != nil {
		t.refuse(w, r, media, refused)
		return
	}
	if dry {
		write(w, media, http.StatusOK, t.dryRun(r.Context(), view, prepared))
		return
	}
	if refused := t.admit(r.Context(), w.Header(), prepared); refused != nil {
		t.refuse(w, r, media, refused)
		return
	}
	defer prepared.room.release() // once the answer is sent: until then it is in memory
	response := t.run(r.Context(), view, id, prepared, q)
	status := http.StatusOK
	if response.Data == nil && len(response.Errors) > 0 && response.Errors[0].Extensions["code"] == codeDeadline {
		status = http.StatusServiceUnavailable
	}
	write(w, media, status, response)
}

func forbiddenText(err error) string {
	if errors.Is(err, policy.ErrNoRoles) {
		return "the token is valid, but none of its groups gives a role here: ask the operator for a group that does"
	}
	return "the roles of this token leave nothing to ask: ask the operator"
}

func withCode(text, code string) *gqlerror.Error {
	return &gqlerror.Error{Message: text, Extensions: map[string]any{"code": code}}
}

func (t transport) refuseText(w http.ResponseWriter, r *http.Request, media string, status int, code, text string) {
	t.refuse(w, r, media, &refusal{status, gqlerror.List{withCode(text, code)}})
}

// refuse answers a request that was not run. Clients that know only application/json get what was asked in good form but cannot
// be run with status 200, as the draft wants it for them.
func (t transport) refuse(w http.ResponseWriter, r *http.Request, media string, refused *refusal) {
	codes := make([]string, len(refused.errs))
	for i, err := range refused.errs {
		codes[i], _ = err.Extensions["code"].(string)
		err.Extensions["requestId"] = t.RequestID(r.Context())
	}
	t.Observe(r.Context(), refusedAttr(codes))
	if refused.status == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
		w.Header().Set("Allow", methods)
	}
	status := refused.status
	if media == mediaJSON && status == http.StatusBadRequest && (codes[0] == codeValidationFailed || codes[0] == codeParseFailed) {
		status = http.StatusOK
	}
	write(w, media, status, &graphql.Response{Errors: refused.errs})
}

// write sends a response. Data that is there is sent as it stands, and not copied: encoding/json would read all of it once more.
func write(w http.ResponseWriter, media string, status int, response *graphql.Response) {
	var before, after bytes.Buffer
	before.WriteByte('{')
	if len(response.Errors) > 0 {
		before.WriteString(`"errors":`)
		writeJSON(&before, response.Errors)
	}
	if response.Data != nil {
		if before.Len() > 1 {
			before.WriteByte(',')
		}
		before.WriteString(`"data":`)
	}
	if len(response.Extensions) > 0 {
		after.WriteString(`,"extensions":`)
		writeJSON(&after, response.Extensions)
	}
	after.WriteByte('}')
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Length", strconv.Itoa(before.Len()+len(response.Data)+after.Len()))
	w.WriteHeader(status)
	for _, part := range [][]byte{before.Bytes(), response.Data, after.Bytes()} {
		_, _ = w.Write(part) // the client may be gone
	}
}

func writeJSON(b *bytes.Buffer, v any) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil { // maps and texts of our own: they always marshal
		b.WriteString("null")
		return
	}
	b.Truncate(b.Len() - 1) // the encoder ends with a new line
}
