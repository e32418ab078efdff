package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"vitrine/internal/problem"
)

// metadataPath is where RFC 9728, section 3, puts the metadata.
const metadataPath = "/.well-known/oauth-protected-resource"

// Middleware lets a request with a good token pass, with its [Identity] in the
// context, and answers any other one. It reads the header Authorization and
// nothing else: no query, no cookie, no byte of the body.
//
// A refusal is a GraphQL response with the code in extensions and, if a handler
// further out has set the header X-Request-Id of the answer, the requestId.
func (v *Verifier) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o, err := v.identify(r)
		if err != nil {
			var refusal *Error
			if !errors.As(err, &refusal) {
				refusal = &Error{Status: http.StatusInternalServerError, Code: problem.CodeInternal, Message: problem.Text(problem.CodeInternal), cause: err}
			}
			v.refuse(w, r, refusal)
			return
		}
		ctx := context.WithValue(r.Context(), callerKey{}, &caller{o.id.clone(), o.memo})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Identify returns who a request's header Authorization speaks for. Its error is
// always an [*Error].
func (v *Verifier) Identify(r *http.Request) (*Identity, error) {
	o, err := v.identify(r)
	if err != nil {
		return nil, err
	}
	return o.id.clone(), nil
}

func (v *Verifier) identify(r *http.Request) (outcome, error) {
	raw, refusal := bearer(r.Header)
	if refusal != nil {
		return outcome{}, refusal
	}
	return v.verify(r.Context(), raw)
}

// refuse writes the answer.
func (v *Verifier) refuse(w http.ResponseWriter, r *http.Request, e *Error) {
	if v.config.Refused != nil {
		v.config.Refused(r.Context(), e)
	}
	if e.Status == http.StatusUnauthorized || e.Status == http.StatusBadRequest || e.challenge == insufficientScope {
		w.Header().Set("WWW-Authenticate", v.challenge(e))
	}
	problem.Write(w, r, problem.Error{Status: e.Status, Code: e.Code, Message: e.Message, RetryAfter: e.RetryAfter})
}

// challenge is the value of WWW-Authenticate (RFC 6750, section 3; RFC 9728,
// section 5.1).
func (v *Verifier) challenge(e *Error) string {
	s := fmt.Sprintf(`Bearer realm="%s"`, quotable(v.config.Realm))
	if e.challenge != "" {
		s += fmt.Sprintf(`, error="%s", error_description="%s"`, e.challenge, quotable(e.Message))
	}
	if at := metadataURL(v.config.Resource); at != "" {
		s += fmt.Sprintf(`, resource_metadata="%s"`, quotable(at))
	}
	return s
}

// quotable keeps the characters that an error_description may hold.
func quotable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"' || r == '\\':
			return '\''
		case r < ' ' || r > '~':
			return -1
		}
		return r
	}, s)
}

// metadataURL puts the well-known path between host and path of the resource.
func metadataURL(resource string) string {
	u, err := url.Parse(resource)
	if resource == "" || err != nil {
		return ""
	}
	u.Path = metadataPath + strings.TrimSuffix(u.Path, "/")
	return u.String()
}
