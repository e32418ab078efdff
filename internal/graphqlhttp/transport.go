package graphqlhttp

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/auth"
	"vitrine/internal/policy"
	"vitrine/internal/problem"
)

// transport is GraphQL over HTTP, https://graphql.github.io/graphql-over-http/draft/, on POST with
// JSON and on GET. The stock one reads bodies without a limit, repeats them in its errors, and
// answers 200 or 422 where the draft wants 4xx (docs/decisions.md).
type transport struct{ *engine }

// methods are those that /graphql knows. HEAD is a GET whose answer net/http sends without its
// body.
const methods = "GET, HEAD, POST, OPTIONS"

func (t transport) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	media, acceptable := problem.MediaType(r.Header.Values("Accept"))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept") // CORS, further out, adds Origin
	id, ok := auth.FromContext(r.Context())
	if !ok { // the middleware in front refuses; this is the second lock on the same door
		t.refuseText(w, r, media, http.StatusUnauthorized, problem.CodeUnauthenticated, problem.Text(problem.CodeUnauthenticated))
		return
	}
	if r.Method == http.MethodOptions { // a preflight is answered further out, by CORS
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if !acceptable {
		t.refuseText(w, r, media, http.StatusNotAcceptable, problem.CodeBadInput, "answers are "+problem.MediaGraphQL+" or "+problem.MediaJSON+": put one of them into Accept")
		return
	}
	q, refused := t.read(w, r)
	if refused != nil {
		t.refuse(w, r, media, refused)
		return
	}
	c, refused := t.callerOf(r.Context(), w.Header(), id)
	if refused != nil {
		t.refuse(w, r, media, refused)
		return
	}
	at, refused := t.locate(r.Context(), c.viewEngine, q)
	t.auditDocument(r.Context(), c.viewEngine, q)
	var p *prepared
	var where *place
	if refused == nil {
		where = t.placeOf(r, c, id, q)
		if a := t.kept(where, id); a != nil {
			t.register(at, q, id)
			if refused := t.sendKept(w, r, media, id, c, a); refused != nil {
				t.refuse(w, r, media, refused)
			}
			return
		}
		p, refused = t.prepare(c.viewEngine, q)
	}
	if refused == nil {
		t.register(at, q, id)
	}
	if refused = t.admissible(w, r, id, q, p, refused); refused != nil {
		t.refuse(w, r, media, refused)
		return
	}
	t.answer(w, r, media, id, c, q, p, where)
}

// admissible charges a request to its sender and refuses what cannot run. p is nil for one that was
// refused already.
func (t transport) admissible(w http.ResponseWriter, r *http.Request, id *auth.Identity, q *request, p *prepared, refused *httpError) *httpError {
	if over := t.charge(r.Context(), w.Header(), id, p, q.extension("dryRun")); over != nil {
		return over
	}
	if refused == nil && r.Method != http.MethodPost && p.Operation.Operation != ast.Query {
		w.Header().Set("Allow", "POST")
		return refuse(http.StatusMethodNotAllowed, problem.CodeValidationFailed, gqlerror.Errorf("GET runs queries only"))
	}
	if refused == nil && r.Method != http.MethodPost && p.price.Token { // addresses, and answers to GET, are kept in many places
		w.Header().Set("Allow", "POST")
		return refuse(http.StatusMethodNotAllowed, problem.CodeValidationFailed, gqlerror.Errorf("a document that asks for a token is sent by POST"))
	}
	return refused
}

// answer runs an operation and sends its answer, or what it would cost.
func (t transport) answer(
	w http.ResponseWriter, r *http.Request, media string, id *auth.Identity, c *caller, q *request, p *prepared, where *place,
) {
	if q.extension("dryRun") {
		write(w, media, http.StatusOK, t.dryRun(r.Context(), c.viewEngine, p))
		return
	}
	if refused := t.admit(r.Context(), w.Header(), p); refused != nil {
		t.refuse(w, r, media, refused)
		return
	}
	defer p.answer.drop() // once it is sent: until then it is in memory
	defer p.room.release()
	response := t.run(r.Context(), c.viewEngine, id, p, q)
	p.room.release() // what was resolved is written, and no longer held
	body := p.answer.pieces
	if len(body) == 0 {
		body = [][]byte{response.Data}
	}
	t.keep(r.Context(), where, id, p.operation, response, body)
	if r.Method != http.MethodPost && len(response.Errors) == 0 && len(response.Extensions) == 0 && notModified(w, r, media, tagOf(body)) {
		return
	}
	defer t.sending.begin(w, body)()
	write(w, media, statusOf(w.Header(), response), response, body...)
}

// statusOf is 503 for an answer without data that may be there when it is asked for again.
func statusOf(header http.Header, response *graphql.Response) int {
	if len(response.Errors) == 0 || response.Data != nil && string(response.Data) != "null" {
		return http.StatusOK
	}
	switch code := response.Errors[0].Extensions["code"]; {
	case code == problem.CodeDeadline && response.Data == nil:
		return http.StatusServiceUnavailable
	case code == problem.CodeRateLimited:
		header.Set("Retry-After", strconv.Itoa(problem.Seconds(busyRetry)))
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
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
	t.refuse(w, r, media, &httpError{status, gqlerror.List{withCode(text, code)}})
}

// formFits are the codes of requests in good form that cannot be run.
var formFits = []string{problem.CodeValidationFailed, problem.CodeParseFailed, problem.CodeNotPersisted, problem.CodeNotFoundPersisted, problem.CodeNotTrusted}

// refuse answers a request that was not run. Clients that know only application/json get what was
// asked in good form but cannot be run with status 200, as the draft wants it for them.
func (t transport) refuse(w http.ResponseWriter, r *http.Request, media string, refused *httpError) {
	codes := make([]string, len(refused.errs))
	for i, err := range refused.errs {
		codes[i], _ = err.Extensions["code"].(string)
		err.Extensions["requestId"] = t.RequestID(r.Context())
	}
	t.Observe(r.Context(), refusedAttr(refused.errs))
	if refused.status == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
		w.Header().Set("Allow", methods)
	}
	status := refused.status
	if media == problem.MediaJSON && status == http.StatusBadRequest && slices.Contains(formFits, codes[0]) {
		status = http.StatusOK
	}
	problem.Send(w, media, status, refused.errs)
}

// write sends a response. Data is sent as it is, and not copied: encoding/json would read all of it
// once more. Where it is in several pieces, body has them.
func write(w http.ResponseWriter, media string, status int, response *graphql.Response, body ...[]byte) {
	var before, after bytes.Buffer
	before.WriteByte('{')
	if len(response.Errors) > 0 {
		before.WriteString(`"errors":`)
		before.Write(problem.JSON(response.Errors))
	}
	if response.Data != nil {
		if before.Len() > 1 {
			before.WriteByte(',')
		}
		before.WriteString(`"data":`)
	}
	if len(response.Extensions) > 0 {
		after.WriteString(`,"extensions":`)
		after.Write(problem.JSON(response.Extensions))
	}
	after.WriteByte('}')
	if len(body) == 0 {
		body = [][]byte{response.Data}
	}
	length := before.Len() + after.Len()
	for _, part := range body {
		length += len(part)
	}
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(status)
	for _, part := range append(append([][]byte{before.Bytes()}, body...), after.Bytes()) {
		if _, err := w.Write(part); err != nil {
			return // the client is gone
		}
	}
}
