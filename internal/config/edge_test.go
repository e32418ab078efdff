package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/config"
)

// selfSigned makes a certificate and its key.
func selfSigned(t *testing.T, until time.Time) (cert, key []byte) {
	t.Helper()
	return selfSignedFrom(t, time.Time{}, until)
}

func selfSignedFrom(t *testing.T, from, until time.Time) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"bi.example.com"}, NotBefore: from, NotAfter: until}
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

// withPair reads a certificate and its key where settings name chain.pem and key.pem, else what is
// there.
func withPair(cert, key []byte) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		switch filepath.Base(name) {
		case "chain.pem":
			return cert, nil
		case "key.pem":
			return key, nil
		}
		return os.ReadFile(name)
	}
}

func TestCertificateAndKeyMustBelongTogetherAndLast(t *testing.T) {
	t.Parallel()
	least, err := os.ReadFile("testdata/least.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cert, key := selfSigned(t, time.Now().Add(time.Hour))
	_, other := selfSigned(t, time.Now().Add(time.Hour))
	ended, endedKey := selfSigned(t, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	early, earlyKey := selfSignedFrom(t, time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2999, 2, 1, 0, 0, 0, 0, time.UTC))
	const both = "tls: {certFile: chain.pem, keyFile: key.pem}"
	for name, c := range map[string]struct {
		tls       string
		cert, key []byte
		want      string
	}{
		"good":             {both, cert, key, ""},
		"another key":      {both, cert, other, "tls.certFile \"chain.pem\" and its key do not work: private key does not match public key"},
		"ended":            {both, ended, endedKey, "holds a certificate that ended on 2020-01-01"},
		"not yet":          {both, early, earlyKey, "holds a certificate that is not valid before 2999-01-01T00:00:00Z"},
		"no certificate":   {both, []byte("x"), key, "and its key do not work"},
		"no key":           {both, cert, []byte("x"), "tls.keyFile \"key.pem\" holds no private key"},
		"swapped":          {both, key, cert, "tls.keyFile \"key.pem\" holds no private key"},
		"no key named":     {"tls: {certFile: chain.pem}", cert, key, "tls.keyFile is missing"},
		"no cert named":    {"tls: {keyFile: key.pem}", cert, key, "tls.certFile is missing"},
		"key in the file":  {"tls: {certFile: chain.pem, key: abc}", cert, key, "tls.key must not be in the file"},
		"plain public URL": {both + "\npublicURL: http://127.0.0.1:1", cert, key, "publicURL \"http://127.0.0.1:1\" is plain http, though there is tls"},
	} {
		c2, _, err := config.Parse("x.yaml", []byte(c.tls+"\n"+string(least)), environment, withPair(c.cert, c.key))
		switch {
		case c.want == "" && (err != nil || !c2.TLS.Enabled()):
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), string(key[40:60]))):
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestCertificatesAreReadAgainFromTheirFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := config.TLS{CertFile: filepath.Join(dir, "cert"), KeyFile: filepath.Join(dir, "key"), Key: "of the start"}
	if _, _, err := s.Reread(); err == nil {
		t.Error("files that are missing were read")
	}
	for _, name := range []string{s.CertFile, s.KeyFile} {
		if err := os.WriteFile(name, []byte("new "+filepath.Base(name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if cert, key, err := s.Reread(); err != nil || string(cert) != "new cert" || string(key) != "new key" {
		t.Errorf("%s %s %v", cert, key, err)
	}
	s.KeyFile = ""
	if _, key, err := s.Reread(); err != nil || string(key) != "of the start" {
		t.Errorf("a key of the environment: %s %v", key, err)
	}
}
