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
	return signed(t, &x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotAfter: until})
}

// signed makes a certificate of a template, and its key.
func signed(t *testing.T, template *x509.Certificate) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(1)
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
	}, "bi.example.com", func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
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
		t.Errorf("the reason is reported %d times", n)
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
	early, earlyKey := signed(t, &x509.Certificate{DNSNames: []string{"a.example"}, NotBefore: time.Now().Add(time.Hour), NotAfter: time.Now().Add(2 * time.Hour)})
	for name, pair := range map[string][2][]byte{
		"not valid yet":  {early, earlyKey},
		"no certificate": {nil, key}, "no key": {cert, nil}, "another key": {cert, other}, "ended": {ended, endedKey}, "swapped": {key, cert},
	} {
		if _, err := edge.NewCertificate(func() ([]byte, []byte, error) { return pair[0], pair[1], nil }, "a.example", time.Now, slog.Default()); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// Whatever a client would refuse does not replace the certificate in use, and is logged once; it is
// taken as soon as it works.
func TestCertificateThatDoesNotWorkReplacesNothing(t *testing.T) {
	t.Parallel()
	names := []string{"bi.example.com"}
	start := time.Now()
	for name, c := range map[string]struct {
		next       x509.Certificate
		want, then string // what the log says; what is in use an hour later
	}{
		"expired":             {x509.Certificate{DNSNames: names, NotAfter: start.Add(-time.Minute)}, "the certificate expired at", "old"},
		"not valid yet":       {x509.Certificate{DNSNames: names, NotBefore: start.Add(time.Minute), NotAfter: start.Add(9 * time.Hour)}, "the certificate is not valid before", "new"},
		"another host":        {x509.Certificate{DNSNames: []string{"other.example.com"}, NotAfter: start.Add(9 * time.Hour)}, "the certificate is not for bi.example.com", "old"},
		"no name":             {x509.Certificate{NotAfter: start.Add(9 * time.Hour)}, "the certificate is not for bi.example.com", "old"},
		"a client's":          {x509.Certificate{DNSNames: names, NotAfter: start.Add(9 * time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, "may not be used by a server", "old"},
		"a server's":          {x509.Certificate{DNSNames: names, NotAfter: start.Add(9 * time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, "the certificate was replaced", "new"},
		"for many hosts":      {x509.Certificate{DNSNames: []string{"a.example", "*.example.com"}, NotAfter: start.Add(9 * time.Hour)}, "the certificate was replaced", "new"},
		"shorter but current": {x509.Certificate{DNSNames: names, NotAfter: start.Add(2 * time.Hour)}, "the certificate was replaced", "new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := start
			var log strings.Builder
			cert, key := signed(t, &x509.Certificate{Subject: pkix.Name{CommonName: "old"}, DNSNames: names, NotAfter: now.Add(10 * time.Hour)})
			used, err := edge.NewCertificate(func() ([]byte, []byte, error) { return cert, key, nil }, "bi.example.com",
				func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			c.next.Subject.CommonName = "new"
			cert, key = signed(t, &c.next)
			shown := ""
			for range 3 {
				now = now.Add(6 * time.Second)
				got, err := used.Config().GetCertificate(&tls.ClientHelloInfo{})
				if err != nil {
					t.Fatal(err)
				}
				shown = got.Leaf.Subject.CommonName
			}
			replaced := strings.Contains(c.want, "replaced")
			if (shown == "new") != replaced || strings.Count(log.String(), c.want) != 1 {
				t.Errorf("%s is in use; %s", shown, log.String())
			}
			now = start.Add(time.Hour)
			if got, _ := used.Config().GetCertificate(&tls.ClientHelloInfo{}); got.Leaf.Subject.CommonName != c.then {
				t.Errorf("an hour later %s is in use", got.Leaf.Subject.CommonName)
			}
		})
	}
}
