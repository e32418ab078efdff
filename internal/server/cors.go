package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"vitrine/internal/telemetry"

	"github.com/jub0bs/cors"
)

// requestHeaders are the request headers that pages of other origins may send without any setting:
// what the API reads, and what GraphQL clients and tracing libraries add by themselves.
var requestHeaders = []string{
	"Authorization", "Cache-Control", "Content-Type",
	"apollographql-client-name", "apollographql-client-version",
	"traceparent", "tracestate", "baggage", "sentry-trace",
}

// responseHeaders are the response headers that pages of other origins may read besides those that
// the Fetch standard lets them read.
var responseHeaders = []string{
	telemetry.RequestIDHeader, "Age", "Content-Disposition", "Retry-After", "WWW-Authenticate", "RateLimit", "RateLimit-Policy",
}

// newCORS returns the middleware that lets pages of these origins call, with these request headers
// besides the usual ones. It answers every preflight itself, so that none reaches authentication.
func newCORS(origins, headers []string) (func(http.Handler) http.Handler, error) {
	if len(origins) == 0 {
		return refusePreflights, nil
	}
	allowed := slices.Clone(requestHeaders)
	for _, name := range headers {
		if !slices.ContainsFunc(allowed, func(known string) bool { return strings.EqualFold(known, name) }) {
			allowed = append(allowed, name)
		}
	}
	m, err := cors.NewMiddleware(cors.Config{
		Origins: origins, Methods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
		RequestHeaders: allowed, ResponseHeaders: responseHeaders,
		MaxAgeInSeconds: 7200, // Chromium keeps a preflight no longer
	})
	if err != nil {
		return nil, fmt.Errorf("the settings of cors do not work: %w", err)
	}
	return m.Wrap, nil
}

// refusePreflights answers preflights as the middleware does for an origin that is not allowed.
func refusePreflights(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != "" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
