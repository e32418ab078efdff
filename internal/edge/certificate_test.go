package edge_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"strings"
	"testing"
	"time"

	"vitrine/internal/edge"
)

// selfSigned makes a certificate for a name, and its key.
func selfSigned(t *testing.T, name string, until time.Time) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
}

func TestCertificateIsReadAgainWhenItChanges(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var cert, key []byte
	var fails error
	cert, key = selfSigned(t, "one.example", now.Add(time.Hour))
	reads := 0
	var log strings.Builder
	c, err := edge.NewCertificate(func() ([]byte, []byte, error) {
		reads++
		return cert, key, fails
	}, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	shown := func() string {
		got, err := c.Config().GetCertificate(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		return got.Leaf.Subject.CommonName
	}
	oldCert, oldKey := cert, key
	cert, key = selfSigned(t, "two.example", now.Add(time.Hour))
	if got := shown(); got != "one.example" || reads != 1 {
		t.Errorf("%s after %d looks: the files are looked at too often", got, reads)
	}
	newKey := key
	key = oldKey // between the writing of the one file and the other
	now = now.Add(6 * time.Second)
	if got := shown(); got != "one.example" {
		t.Errorf("%s: a certificate without its key is shown", got)
	}
	key = newKey
	now = now.Add(6 * time.Second)
	if got := shown(); got != "two.example" || !strings.Contains(log.String(), "the certificate was replaced") {
		t.Errorf("%s is shown; %s", got, log.String())
	}
	fails = errors.New("the disk is gone")
	for range 3 {
		now = now.Add(6 * time.Second)
		if got := shown(); got != "two.example" {
			t.Errorf("%s is shown", got)
		}
	}
	if n := strings.Count(log.String(), "the disk is gone"); n != 1 {
		t.Errorf("the reason is told %d times", n)
	}
	fails = nil
	cert, key = selfSigned(t, "ended.example", now.Add(-time.Hour))
	now = now.Add(6 * time.Second)
	if got := shown(); got != "two.example" {
		t.Errorf("%s is shown, which has ended", got)
	}
	cert, key = oldCert, oldKey
	now = now.Add(6 * time.Second)
	if got := shown(); got != "one.example" || strings.Contains(log.String(), "PRIVATE") {
		t.Errorf("%s is shown; %s", got, log.String())
	}
}

func TestCertificateMustWorkAtTheStart(t *testing.T) {
	t.Parallel()
	cert, key := selfSigned(t, "a.example", time.Now().Add(time.Hour))
	_, other := selfSigned(t, "a.example", time.Now().Add(time.Hour))
	ended, endedKey := selfSigned(t, "a.example", time.Now().Add(-time.Hour))
	for name, pair := range map[string][2][]byte{
		"no certificate": {nil, key}, "no key": {cert, nil}, "another key": {cert, other}, "ended": {ended, endedKey}, "swapped": {key, cert},
	} {
		if _, err := edge.NewCertificate(func() ([]byte, []byte, error) { return pair[0], pair[1], nil }, time.Now, slog.Default()); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
