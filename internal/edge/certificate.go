package edge

import (
	"bytes"
	"crypto/tls"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// again is how long a certificate is used before its files are looked at again.
const again = 5 * time.Second

// Certificate is the server's certificate, read anew when its files change: connections that are open go on, new ones get the new
// one. Where what the files hold does not work, as between the writing of the one and the other, the old one stays in use.
type Certificate struct {
	read   func() (cert, key []byte, err error)
	now    func() time.Time
	logger *slog.Logger

	mu        sync.Mutex
	current   *tls.Certificate
	cert, key []byte
	looked    time.Time
	complaint string
}

// NewCertificate reads the certificate, which has to work at the start. read gives chain and key in PEM form.
func NewCertificate(read func() (cert, key []byte, err error), now func() time.Time, logger *slog.Logger) (*Certificate, error) {
	c := &Certificate{read: read, now: now, logger: logger}
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
		c.logger.Warn("the certificate cannot be read again; the old one stays in use", "error", err.Error())
	case err == nil:
		c.complaint = ""
	}
	if c.current != before {
		c.logger.Info("the certificate was replaced", "notAfter", c.current.Leaf.NotAfter)
	}
}

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
	if pair.Leaf == nil || c.now().After(pair.Leaf.NotAfter) {
		return errors.New("the certificate has ended")
	}
	c.current, c.cert, c.key = &pair, cert, key
	return nil
}
