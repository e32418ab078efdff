package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/tableau"
	"vitrine/internal/traces"
	"vitrine/internal/upstream"
)

// newGate bounds what is asked of Tableau.
func newGate(c *config.Config, logger *slog.Logger) (*upstream.Gate, error) {
	gate, err := upstream.New(upstream.Limits(c.Tableau.Limits))
	if err != nil {
		return nil, fmt.Errorf("the settings of tableau.limits do not work:\n%w", err)
	}
	gate.LogTo(logger)
	return gate, nil
}

// observe has the gate report when Tableau becomes unavailable, or available again. The result also
// counts what passes the gate, if there are metrics.
func (a *App) observe(gate *upstream.Gate) tableau.Gate {
	changed := logReach(a.Logger)
	if a.metrics == nil {
		gate.Watch(time.Now, changed)
		return gate
	}
	gate.Watch(time.Now, func(c upstream.Change) {
		a.metrics.Available(c.Site, c.Available)
		changed(c)
	})
	return a.metrics.Gate(gate)
}

func (a *App) newTableau(gate tableau.Gate) (*tableau.Client, error) {
	c := a.Settings
	client, err := httpClient(c.Tableau.CA)
	if err != nil {
		return nil, fmt.Errorf("tableau.caFile: %w", err)
	}
	if a.traces != nil {
		gate, client.Transport = a.traces.Gate(gate), traces.Transport(client.Transport)
	}
	browser := c.Tableau.BrowserURL
	if browser == c.Tableau.URL {
		browser = ""
	}
	return tableau.New(tableau.Config{
		URL: c.Tableau.URL, BrowserURL: browser, StandInAsCloud: a.asCloud, APIVersion: c.Tableau.APIVersion, HTTP: client, Gate: gate,
	})
}

// maxIdleConns bounds idle connections to Tableau: one for each request that may be under way by
// default.
const maxIdleConns = 256

// httpClient trusts the system's CAs and one more, and takes proxies from the environment.
func httpClient(ca []byte) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = maxIdleConns, maxIdleConns
	if ca != nil {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(ca) {
			return nil, errors.New("the file holds no certificate in PEM form")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport}, nil
}
