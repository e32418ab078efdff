package server

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"vitrine/auth"
	"vitrine/internal/config"
	"vitrine/internal/problem"
	"vitrine/internal/telemetry"
)

// logoutPath is the address that a provider sends logout tokens to.
const logoutPath = "/oidc/backchannel-logout"

// maxLogoutBody bounds the body of a logout: a token and the name of its field.
const maxLogoutBody = 32 << 10

// logoutsCount reports whether an issuer may log people out.
func (a *App) logoutsCount() bool {
	return slices.ContainsFunc(a.Settings.OIDC, func(i config.Issuer) bool { return len(i.LogoutClients) > 0 })
}

// backchannelLogout takes logout tokens of providers (OpenID Connect Back-Channel Logout 1.0,
// sections 2.5 to 2.8): POST with the field logout_token. It answers 200, or 400 with the reason as
// JSON. A token that was sent before does nothing.
func (a *App) backchannelLogout() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			problem.Write(w, r, problem.Error{Status: http.StatusMethodNotAllowed, Code: problem.CodeMethodNotAllowed})
			return
		}
		raw, err := logoutToken(w, r)
		if err == nil {
			err = a.logOut(r, raw)
		}
		if err != nil {
			a.refuseLogout(w, r, err)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

// errLogoutForm is about the form of a request, errLogoutShare about the store.
var (
	errLogoutForm  = errors.New("the body must be the form logout_token=… as application/x-www-form-urlencoded, with nothing twice")
	errLogoutShare = errors.New("the other replicas could not be notified: send the token again")
)

// logoutToken reads the one field of the form.
func logoutToken(w http.ResponseWriter, r *http.Request) (string, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return "", errLogoutForm
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLogoutBody))
	if err != nil {
		return "", errLogoutForm
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form["logout_token"]) != 1 {
		return "", errLogoutForm
	}
	return form["logout_token"][0], nil
}

// logOut ends what the token names.
func (a *App) logOut(r *http.Request, raw string) error {
	ctx := r.Context()
	logout, err := a.Verifier.VerifyLogout(ctx, raw)
	if err != nil {
		return err
	}
	note(ctx, slog.String("issuer", logout.Issuer), slog.String("subject", logout.Subject), slog.Bool("logout", true))
	once := "logout " + logout.Issuer + " " + logout.ID
	if !a.Broker.FirstUse(ctx, once, auth.LogoutAge) {
		telemetry.Add(ctx, slog.Bool("replayed", true))
		return nil
	}
	id := &auth.Identity{Issuer: logout.Issuer, Subject: logout.Subject, SessionID: logout.SessionID}
	if err := a.Broker.Forget(ctx, id, logout.IssuedAt); err != nil {
		a.Broker.Unuse(ctx, once, auth.LogoutAge)
		telemetry.Add(ctx, slog.String("reason", err.Error()))
		return errLogoutShare
	}
	return nil
}

// refuseLogout answers a request that logged nobody out. Anyone can send it.
func (a *App) refuseLogout(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadRequest
	code, retry := "invalid_request", 0
	var refusal *auth.Error
	switch {
	case errors.Is(err, errLogoutShare):
		status, code = http.StatusServiceUnavailable, "temporarily_unavailable"
	case errors.As(err, &refusal) && refusal.Status == http.StatusServiceUnavailable:
		status, code, retry = refusal.Status, "temporarily_unavailable", int(refusal.RetryAfter.Seconds())
	default:
		a.chargeAddress(r.Context(), refusedSignIn)
	}
	telemetry.Add(r.Context(), slog.String("reason", err.Error()))
	if retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(retry))
	}
	body, _ := json.Marshal(map[string]string{"error": code, "error_description": err.Error()}) // texts always marshal
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
