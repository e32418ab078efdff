package graphqlhttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/internal/policy"
	"vitrine/internal/problem"
)

// request is a GraphQL request as it came.
type request struct {
	Query         string
	OperationName string
	Variables     map[string]any
	Extensions    map[string]any
	DocumentID    any // names a stored document; nil where none is named
}

// canonicalVariables are the variables as JSON with sorted keys, and with numbers as they were
// written; empty if there are none.
func (q *request) canonicalVariables() (string, error) {
	if len(q.Variables) == 0 {
		return "", nil
	}
	text, err := json.Marshal(q.Variables)
	return string(text), err
}

// namesStored reports whether a request names a document instead of bringing one: by its hash, as
// automatic persisted queries do, or by an id.
func (q *request) namesStored() bool {
	return q.DocumentID != nil || q.Extensions["persistedQuery"] != nil
}

// check refuses a request that neither has a document nor names one.
func (q *request) check(absent string) *httpError {
	if strings.TrimSpace(q.Query) != "" || q.Query == "" && q.namesStored() {
		return nil
	}
	return refuse(http.StatusBadRequest, problem.CodeBadInput, gqlerror.Errorf("%s", absent))
}

// maxVariables is what a body may hold beside its document: variables, in bytes. strict.go has
// further bounds.
const maxVariables = 200_000

// read takes the question out of a request, within limits, and without ever repeating what it could
// not read.
func (t transport) read(w http.ResponseWriter, r *http.Request) (*request, *httpError) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return readQuery(r.URL.RawQuery)
	case http.MethodPost:
		return t.readBody(w, r)
	default:
		return nil, &httpError{http.StatusMethodNotAllowed, gqlerror.List{withCode("GraphQL is asked by POST or GET", problem.CodeBadInput)}}
	}
}

func (t transport) readBody(w http.ResponseWriter, r *http.Request) (*request, *httpError) {
	if refused := plainJSON(r.Header); refused != nil {
		return nil, refused
	}
	most := int64(t.documentBytes() + maxVariables)
	if r.ContentLength > most {
		return nil, tooLarge(w, most)
	}
	buffer := bodies.Get().(*bytes.Buffer)
	defer func() {
		if buffer.Cap() <= maxKnownBody {
			buffer.Reset()
			bodies.Put(buffer)
		}
	}()
	_, err := buffer.ReadFrom(http.MaxBytesReader(w, r.Body, most))
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return nil, tooLarge(w, most)
	}
	if err != nil {
		w.Header().Set("Connection", "close") // what is left of the body would be taken for the next request
		return nil, refuse(http.StatusBadRequest, problem.CodeBadInput, gqlerror.Errorf("the body could not be read to its end"))
	}
	return t.known.decode(buffer.Bytes())
}

// bodies has buffers for bodies of requests.
var bodies = sync.Pool{New: func() any { return &bytes.Buffer{} }}

// plainJSON refuses every form of body but one: a page of another origin can send the others
// without asking first.
func plainJSON(h http.Header) *httpError {
	unsupported := func(text string) *httpError {
		return refuse(http.StatusUnsupportedMediaType, problem.CodeBadInput, gqlerror.Errorf("%s", text))
	}
	if coding := strings.Join(h.Values("Content-Encoding"), ","); coding != "" && !strings.EqualFold(coding, "identity") {
		return unsupported("a body is sent as it is, without a Content-Encoding")
	}
	if types := h["Content-Type"]; len(types) == 1 && types[0] == problem.MediaJSON {
		return nil
	}
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || media != problem.MediaJSON || len(h.Values("Content-Type")) != 1 || charset != "" && charset != "utf-8" && charset != "utf8" {
		return unsupported("the Content-Type of a POST is application/json, in UTF-8")
	}
	return nil
}

// tooLarge also ends the connection: a client that sends too much should stop sending.
func tooLarge(w http.ResponseWriter, most int64) *httpError {
	w.Header().Set("Connection", "close")
	return refuse(http.StatusRequestEntityTooLarge, policy.CodeTooLarge, gqlerror.Errorf("the body is larger than %d bytes: ask for less at once", most))
}

func (t transport) documentBytes() int {
	if t.Limits.DocumentBytes > 0 {
		return t.Limits.DocumentBytes
	}
	return policy.DefaultDocumentBytes
}

func decodeRequest(body []byte) (*request, *httpError) {
	q, err := parseRequest(body)
	switch {
	case errors.Is(err, errShape):
		return nil, refuse(http.StatusBadRequest, problem.CodeBadInput,
			gqlerror.Errorf("the body is one JSON object with query (string), operationName (string), variables (object) and extensions (object), "+
				"no key twice, at most %d values, %d deep", maxValues, maxNesting))
	case errors.Is(err, errSurrogate):
		return nil, refuse(http.StatusBadRequest, problem.CodeBadInput, gqlerror.Errorf("%s", err))
	case err != nil:
		return nil, refuse(http.StatusBadRequest, problem.CodeBadInput, gqlerror.Errorf("the body is not JSON"))
	}
	if refused := q.check("query is missing or empty"); refused != nil {
		return nil, refused
	}
	return q, nil
}

// parseRequest reads a body strictly: encoding/json alone would take QUERY for query, the last of
// two keys of one name, and any bytes for text, where a proxy in front of this server may have
// read, and let pass, something else.
func parseRequest(body []byte) (*request, error) {
	v, err := parseJSON(body)
	if err != nil {
		return nil, err
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errShape
	}
	var q request
	fits := into(object, "query", &q.Query) && into(object, "operationName", &q.OperationName) &&
		into(object, "variables", &q.Variables) && into(object, "extensions", &q.Extensions)
	if !fits {
		return nil, errShape
	}
	q.DocumentID = object["documentId"]
	return &q, nil
}

// into takes one member of an object; what is absent or null leaves the target as it is.
func into[T any](object map[string]any, name string, target *T) bool {
	v := object[name]
	if v == nil {
		return true
	}
	typed, ok := v.(T)
	if ok {
		*target = typed
	}
	return ok
}

// parseJSON reads a text that is one JSON value, with numbers as they are written: an Int must not
// come as a float.
func parseJSON(text []byte) (any, error) {
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, errors.New("not JSON")
	}
	if err := strict(text); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

func readQuery(raw string) (*request, *httpError) {
	bad := func(format string, args ...any) (*request, *httpError) {
		return nil, refuse(http.StatusBadRequest, problem.CodeBadInput, gqlerror.Errorf(format, args...))
	}
	values, err := url.ParseQuery(raw)
	if err != nil || !utf8.ValidString(values.Get("query")) || !utf8.ValidString(values.Get("operationName")) {
		return bad("the address cannot be read: encode its parameters")
	}
	for _, name := range []string{"query", "operationName", "variables", "extensions", "documentId"} {
		if len(values[name]) > 1 {
			return bad("the parameter %s is given twice", name)
		}
	}
	q := request{Query: values.Get("query"), OperationName: values.Get("operationName")}
	if id := values.Get("documentId"); id != "" {
		q.DocumentID = id
	}
	for name, target := range map[string]*map[string]any{"variables": &q.Variables, "extensions": &q.Extensions} {
		text := values.Get(name)
		if text == "" {
			continue
		}
		v, err := parseJSON([]byte(text))
		if errors.Is(err, errSurrogate) {
			return bad("the parameter %s: %s", name, err)
		}
		if err != nil || !into(map[string]any{name: v}, name, target) {
			return bad("the parameter %s is not a JSON object", name)
		}
	}
	if refused := q.check("the parameter query is missing or empty"); refused != nil {
		return nil, refused
	}
	return &q, nil
}
