package resolvers

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/auth"
	"vitrine/internal/policy"
)

// transport is GraphQL over HTTP, https://graphql.github.io/graphql-over-http/draft/, on POST with JSON and on GET. The stock one
// reads bodies without a limit, repeats them in its errors, and answers 200 or 422 where the draft wants 4xx (docs/decisions.md).
type transport struct{ *engine }

const (
	mediaResponse = "application/graphql-response+json"
	mediaJSON     = "application/json"
)

// maxVariables is what a body may hold beside its document: variables, in bytes.
const maxVariables = 200_000

func (t transport) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	media, acceptable := accepted(r.Header.Values("Accept"))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept") // CORS, further out, adds Origin
	id, ok := auth.FromContext(r.Context())
	if !ok { // the middleware in front refuses; this is the second lock on the same door
		t.refuseText(w, r, media, http.StatusUnauthorized, "UNAUTHENTICATED", "a bearer token is needed")
		return
	}
	if !acceptable {
		t.refuseText(w, r, media, http.StatusNotAcceptable, codeBadInput, "answers are "+mediaResponse+" or "+mediaJSON+": put one of them into Accept")
		return
	}
	q, refused := t.read(r)
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
	if refused == nil && r.Method == http.MethodGet && prepared.Operation.Operation != ast.Query {
		w.Header().Set("Allow", "POST")
		refused = refuse(http.StatusMethodNotAllowed, codeValidationFailed, gqlerror.Errorf("GET runs queries only"))
	}
	if refused != nil {
		t.refuse(w, r, media, refused)
		return
	}
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

// read takes the question out of a request, within limits, and without ever repeating what it could not read.
func (t transport) read(r *http.Request) (*question, *refusal) {
	switch r.Method {
	case http.MethodGet:
		return readQuery(r)
	case http.MethodPost:
		return t.readBody(r)
	default:
		return nil, &refusal{http.StatusMethodNotAllowed, gqlerror.List{withCode("GraphQL is asked by POST or GET", codeBadInput)}}
	}
}

func (t transport) readBody(r *http.Request) (*question, *refusal) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != mediaJSON || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return nil, refuse(http.StatusUnsupportedMediaType, codeBadInput, gqlerror.Errorf("the Content-Type of a POST is application/json, in UTF-8"))
	}
	most := int64(t.documentBytes() + maxVariables)
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, most))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, refuse(http.StatusRequestEntityTooLarge, policy.CodeTooLarge,
			gqlerror.Errorf("the body is larger than %d bytes: ask for less at once", most))
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, codeBadInput, gqlerror.Errorf("the body could not be read to its end"))
	}
	return decodeQuestion(body)
}

func (t transport) documentBytes() int {
	if t.Limits.DocumentBytes > 0 {
		return t.Limits.DocumentBytes
	}
	return policy.DefaultDocumentBytes
}

func decodeQuestion(body []byte) (*question, *refusal) {
	var q question
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // an Int must not come as a float
	err := d.Decode(&q)
	if err == nil {
		err = nothingElse(d)
	}
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType):
		return nil, refuse(http.StatusBadRequest, codeBadInput,
			gqlerror.Errorf("the body is a JSON object with query (string), operationName (string), variables (object) and extensions (object)"))
	case err != nil:
		return nil, refuse(http.StatusBadRequest, codeBadInput, gqlerror.Errorf("the body is not JSON"))
	case strings.TrimSpace(q.Query) == "":
		return nil, refuse(http.StatusBadRequest, codeBadInput, gqlerror.Errorf("query is missing or empty"))
	}
	return &q, nil
}

// nothingElse says whether a JSON text ends where its value does. More does not: it takes a closing bracket for an end.
func nothingElse(d *json.Decoder) error {
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}

func readQuery(r *http.Request) (*question, *refusal) {
	values := r.URL.Query()
	q := question{Query: values.Get("query"), OperationName: values.Get("operationName")}
	if strings.TrimSpace(q.Query) == "" {
		return nil, refuse(http.StatusBadRequest, codeBadInput, gqlerror.Errorf("the parameter query is missing or empty"))
	}
	for name, into := range map[string]*map[string]any{"variables": &q.Variables, "extensions": &q.Extensions} {
		text := values.Get(name)
		if text == "" {
			continue
		}
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(into) != nil || nothingElse(d) != nil {
			return nil, refuse(http.StatusBadRequest, codeBadInput, gqlerror.Errorf("the parameter %s is not a JSON object", name))
		}
	}
	return &q, nil
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
		w.Header().Set("Allow", "GET, POST, OPTIONS")
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

// accepted chooses the media type of the answer, RFC 9110, 12.5.1. Without a wish it is application/json: that is what clients
// from before the draft expect.
func accepted(headers []string) (media string, acceptable bool) {
	wishes := strings.TrimSpace(strings.Join(headers, ","))
	if wishes == "" {
		return mediaJSON, true
	}
	best, bestQ, bestExact := "", 0.0, -1
	for wish := range strings.SplitSeq(wishes, ",") {
		name, params, err := mime.ParseMediaType(strings.TrimSpace(wish))
		if err != nil {
			continue
		}
		q := 1.0
		if text, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		candidate, exact := offered(name)
		if candidate != "" && q > 0 && (q > bestQ || q == bestQ && exact > bestExact) {
			best, bestQ, bestExact = candidate, q, exact
		}
	}
	if best == "" {
		return mediaJSON, false
	}
	return best, true
}

// offered gives our media type for a wish, and how exactly it was meant.
func offered(wish string) (media string, exact int) {
	switch wish {
	case mediaResponse:
		return mediaResponse, 3
	case mediaJSON:
		return mediaJSON, 2
	case "application/*":
		return mediaResponse, 1
	case "*/*":
		return mediaJSON, 0
	default:
		return "", 0
	}
}
