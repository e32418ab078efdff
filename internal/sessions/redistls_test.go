package sessions

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/redisstore"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// Whatever differs in two owners, their entries are authenticated with different texts.
func TestOwnersAreAuthenticatedWhole(t *testing.T) {
	t.Parallel()
	about := owner{issuer: "i", subject: "s", site: "x", user: "u"}.about()
	for _, other := range []owner{
		{issuer: "i2", subject: "s", site: "x", user: "u"},
		{issuer: "i", subject: "s2", site: "x", user: "u"},
		{issuer: "i", subject: "s", site: "y", user: "u"},
		{issuer: "i", subject: "s", site: "x", user: "v"},
		{issuer: "i", subject: "s", site: "x", user: "u", fingerprint: [16]byte{1}},
		{issuer: "is", subject: "", site: "x", user: "u"},
	} {
		if bytes.Equal(other.about(), about) {
			t.Errorf("owner %v", other)
		}
	}
}

// certificate writes a certificate for 127.0.0.1 that signs itself, and its key.
func certificate(t testing.TB, dir string) (pemFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis of a test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return write("redis.pem", "CERTIFICATE", der), write("redis.key", "PRIVATE KEY", keyDER)
}

func TestSharedStoreWithTLSAndUser(t *testing.T) {
	t.Parallel()
	certFile, keyFile := certificate(t, t.TempDir())
	r := startRedis(t, "--requirepass", "redis-secret", "--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-auth-clients", "no")
	// The test's own client goes without TLS; what is tried goes to a second port.
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(plain.Addr().String())
	_ = plain.Close()
	r.doAs(t, "redis-secret", "CONFIG", "SET", "tls-port", port)
	r.doAs(t, "redis-secret", "ACL", "SETUSER", "vitrine", "on", ">vitrine-secret", "~vitrine:*", "+@connection", "+client|tracking",
		"+get", "+set", "+mget", "+del", "+pttl", "+pexpire", "+eval", "+evalsha", "+info")
	ca, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	good := RedisConfig{
		Config: redisstore.Config{
			Address: "rediss://127.0.0.1:" + port, Username: "vitrine", Password: tableau.NewSecret("vitrine-secret"), CA: ca, Timeout: storePatience,
		},
		Keys: []tableau.Secret{rootKey},
	}
	if said, err := good.Check(t.Context()); err != nil || !strings.HasPrefix(said, "Redis ") {
		t.Errorf("Check = %q, %v", said, err)
	}
	for name, test := range map[string]struct {
		change func(*RedisConfig)
		want   string
	}{
		"no CA":             {func(s *RedisConfig) { s.CA = nil }, "caFile"},
		"another name":      {func(s *RedisConfig) { s.Address = "rediss://localhost:" + port }, "a name in the certificate"},
		"wrong password":    {func(s *RedisConfig) { s.Password = tableau.NewSecret("wrong") }, "passwordFile"},
		"no password":       {func(s *RedisConfig) { s.Username, s.Password = "", tableau.Secret{} }, "passwordFile"},
		"no TLS":            {func(s *RedisConfig) { s.Address = "redis://127.0.0.1:" + port }, "want TLS where sharedStore.redis has none"},
		"nobody there":      {func(s *RedisConfig) { s.Address = "rediss://127.0.0.1:1" }, "nothing accepts connections"},
		"password in URL":   {func(s *RedisConfig) { s.Address = "rediss://a:b@127.0.0.1:" + port }, "holds a user name"},
		"no database":       {func(s *RedisConfig) { s.Address = "rediss://127.0.0.1:" + port + "/x" }, "no number"},
		"another protocol":  {func(s *RedisConfig) { s.Address = "https://127.0.0.1:" + port }, "is not like"},
		"keys that are bad": {func(s *RedisConfig) { s.Keys = nil }, "one or two keys"},
	} {
		bad := good
		test.change(&bad)
		said, err := bad.Check(t.Context())
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "-secret") {
			t.Errorf("%s: Check = %q, %v", name, said, err)
		}
	}
	b := start(t, tableausim.Config{}, func(c *Config) { c.Redis = &good })
	mustBe(t, b.Broker, "alice")
	if err := b.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if n, err := r.doAs(t, "redis-secret", "DBSIZE").AsInt64(); err != nil || n != 2 {
		t.Errorf("%d entries, %v; want a session and a LUID", n, err)
	}
}
