package edge

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// again is how long a certificate is used before its files are looked at again.
const again = 5 * time.Second

// Certificate is the server's certificate, read again when its files change: connections that are
// open go on, new ones get the new one. Where what the files hold does not work, as between the
// writing of the one and the other, the old one stays in use.
type Certificate struct {
	read   func() (cert, key []byte, err error)
	host   string
	now    func() time.Time
	logger *slog.Logger

	mu        sync.Mutex
	current   *tls.Certificate
	cert, key []byte
	looked    time.Time
	complaint string
}

// NewCertificate reads the certificate, which has to work at the start. read gives chain and key in
// PEM form; host is the name or IP address under which clients know the server.
func NewCertificate(read func() (cert, key []byte, err error), host string, now func() time.Time, logger *slog.Logger) (*Certificate, error) {
	c := &Certificate{read: read, host: host, now: now, logger: logger}
	if err := c.load(); err != nil {
		return nil, err
	}
	c.looked = now()
	return c, nil
}

// Config is how the server speaks TLS: 1.2 or later, with HTTP/2.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.get(), nil },
	}
}

func (c *Certificate) get() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked) >= again {
		c.looked = now
		c.look()
	}
	return c.current
}

// look reads the files again, and says once what is wrong with them. The caller holds the lock.
func (c *Certificate) look() {
	before := c.current
	err := c.load()
	switch {
	case err != nil && err.Error() != c.complaint:
		c.complaint = err.Error()
		c.logger.Warn("the certificate cannot be read again, or does not work; the old one stays in use", "error", err.Error())
	case err == nil:
		c.complaint = ""
	}
	if c.current != before {
		c.logger.Info("the certificate was replaced", "notAfter", c.current.Leaf.NotAfter)
	}
}

// load takes what the files hold into use, if clients would accept it now. What a client would
// refuse never replaces a certificate that works.
func (c *Certificate) load() error {
	cert, key, err := c.read()
	if err != nil {
		return err
	}
	if c.current != nil && bytes.Equal(cert, c.cert) && bytes.Equal(key, c.key) {
		return nil
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return err // of the form of either, or that they do not belong together; nothing of the key
	}
	if err := checkCertificate(pair.Leaf, c.now()); err != nil {
		return err
	}
	// A certificate for other names than publicURL's may be meant so, behind a proxy: but not after
	// one that was for it.
	if c.current != nil && !c.now().After(c.current.Leaf.NotAfter) && c.current.Leaf.VerifyHostname(c.host) == nil {
		if pair.Leaf.VerifyHostname(c.host) != nil {
			return fmt.Errorf("the certificate is not for %s, as the one in use is", c.host)
		}
	}
	c.current, c.cert, c.key = &pair, cert, key
	return nil
}

// checkCertificate reports why clients would refuse a server's certificate, whatever its issuer:
// its times and what it may be used for.
func checkCertificate(leaf *x509.Certificate, now time.Time) error {
	switch {
	case leaf == nil:
		return errors.New("the certificate cannot be read")
	case now.After(leaf.NotAfter):
		return fmt.Errorf("the certificate expired at %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("the certificate is not valid before %s", leaf.NotBefore.UTC().Format(time.RFC3339))
	case len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) > 0 && !slices.ContainsFunc(leaf.ExtKeyUsage, func(u x509.ExtKeyUsage) bool {
		return u == x509.ExtKeyUsageServerAuth || u == x509.ExtKeyUsageAny
	}):
		return errors.New("the certificate may not be used by a server: its extended key usage lacks server authentication")
	}
	return nil
}
