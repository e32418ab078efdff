package sessions

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

func sealKeysOf(t testing.TB, realm string, roots ...tableau.Secret) sealKeys {
	t.Helper()
	k, err := newSealKeys(roots, realm)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealedOpensOnlyInItsPlaceAndForItsOwner(t *testing.T) {
	t.Parallel()
	keys := sealKeysOf(t, "a", rootKey)
	about := owner{issuer: "i", subject: "s", site: "x", user: "u"}.about()
	name := keys[0].name(prefixSession, about)
	sealed := keys[0].seal(name, about, tag{1}, []byte("plain"))
	if plain, ok := keys.open(name, about, sealed); !ok || string(plain) != "plain" {
		t.Fatalf("it does not open: %q", plain)
	}
	open := func(what string, k sealKeys, name string, about, sealed []byte) {
		if plain, ok := k.open(name, about, sealed); ok {
			t.Errorf("%s: it opens, %q", what, plain)
		}
	}
	open("another place", keys, name+"x", about, sealed)
	open("another kind", keys, keys[0].name(prefixLUID, about), about, sealed)
	open("another realm", sealKeysOf(t, "b", rootKey), name, about, sealed)
	open("another key", sealKeysOf(t, "a", otherKey), name, about, sealed)
	for _, other := range []owner{
		{issuer: "i2", subject: "s", site: "x", user: "u"},
		{issuer: "i", subject: "s2", site: "x", user: "u"},
		{issuer: "i", subject: "s", site: "y", user: "u"},
		{issuer: "i", subject: "s", site: "x", user: "v"},
		{issuer: "i", subject: "s", site: "x", user: "u", fingerprint: [16]byte{1}},
		{issuer: "is", subject: "", site: "x", user: "u"},
	} {
		open(fmt.Sprintf("owner %v", other), keys, name, other.about(), sealed)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		open(fmt.Sprintf("byte %d changed", i), keys, name, about, changed)
		open(fmt.Sprintf("cut at %d", i), keys, name, about, sealed[:i])
	}
}

func TestSealedIsNeverTheSameTwice(t *testing.T) {
	t.Parallel()
	k := sealKeysOf(t, "", rootKey)[0]
	if bytes.Equal(k.seal("n", nil, tag{}, []byte("plain")), k.seal("n", nil, tag{}, []byte("plain"))) {
		t.Error("two entries are alike")
	}
}

func TestBothKeysOpen(t *testing.T) {
	t.Parallel()
	before, both := sealKeysOf(t, "", rootKey), sealKeysOf(t, "", otherKey, rootKey)
	sealed := before[0].seal("n", nil, tag{}, []byte("plain"))
	if _, ok := both.open("n", nil, sealed); !ok {
		t.Error("the previous key does not open")
	}
	if _, ok := before.open("n", nil, both[0].seal("n", nil, tag{}, nil)); ok {
		t.Error("the previous key opens what the current one has sealed")
	}
}

func TestKeysThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for name, roots := range map[string][]tableau.Secret{
		"none": nil, "short": {tableau.NewSecret("short")}, "twice": {rootKey, rootKey}, "three": {rootKey, otherKey, rootKey},
	} {
		if _, err := newSealKeys(roots, ""); err == nil || strings.Contains(err.Error(), rootKey.Reveal()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	keys, err := newSealKeys([]tableau.Secret{rootKey, otherKey}, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{}, []byte{})
	f.Add([]byte("n"), keys[0].seal("n", nil, tag{}, []byte("plain"))[:headerSize])
	f.Fuzz(func(t *testing.T, about, sealed []byte) {
		if plain, ok := keys.open("n", about, sealed); ok {
			t.Errorf("what nobody has sealed opens: %q", plain)
		}
	})
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
		Address: "rediss://127.0.0.1:" + port, Username: "vitrine", Password: tableau.NewSecret("vitrine-secret"), CA: ca,
		Keys: []tableau.Secret{rootKey}, Timeout: storePatience,
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
