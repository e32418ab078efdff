package redisstore

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"vitrine/internal/tableau"
)

// Config says where Redis is and who connects to it.
type Config struct {
	// Address is rediss://host[:port][/database], or redis:// without TLS.
	Address  string
	Username string         // empty for the default user
	Password tableau.Secret // may be zero
	CA       []byte         // PEM: certificates to trust in addition to the system's; nil for none
	// Timeout bounds one operation; a second when zero. After an operation without an answer, or
	// three in a row while others are answered, the store is not asked until it answers a probe.
	Timeout time.Duration
}

// defaultTimeout bounds one operation where the settings have no limit.
const defaultTimeout = time.Second

func (c Config) timeout() time.Duration { return cmp.Or(c.Timeout, defaultTimeout) }

// options reads the settings for a client that is notified of changes under these prefixes.
func (c Config) options(watch ...string) (rueidis.ClientOption, error) {
	o := rueidis.ClientOption{
		ForceSingleClient: true, DisableRetry: true, PipelineMultiplex: -1, // one connection: its notifications are in order
		ClientName: "vitrine", Username: c.Username, Password: c.Password.Reveal(), Dialer: net.Dialer{Timeout: dialTimeout, KeepAlive: time.Second},
		ConnWriteTimeout: 4 * c.timeout(), CacheSizeEachConn: 1 << 16, ReadBufferEachConn: 1 << 15, WriteBufferEachConn: 1 << 15,
	}
	for _, prefix := range watch {
		o.ClientTrackingOptions = append(o.ClientTrackingOptions, "PREFIX", prefix)
	}
	o.ClientTrackingOptions = append(o.ClientTrackingOptions, "BCAST")
	u, err := url.Parse(c.Address)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
		return o, errors.New("the address of the shared store is not like rediss://redis.example.com:6379")
	}
	if u.User != nil {
		return o, errors.New("the address of the shared store holds a user name or a password")
	}
	o.InitAddress = []string{net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "6379"))}
	if db := strings.Trim(u.Path, "/"); db != "" {
		if o.SelectDB, err = strconv.Atoi(db); err != nil || o.SelectDB < 0 {
			return o, fmt.Errorf("the address of the shared store names the database %q, which is no number", db)
		}
	}
	if u.Scheme == "rediss" {
		o.TLSConfig, err = c.tls(u.Hostname())
	}
	return o, err
}

func (c Config) tls(host string) (*tls.Config, error) {
	t := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if c.CA == nil {
		return t, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(c.CA) {
		return nil, errors.New("caFile of the shared store holds no certificate in PEM form")
	}
	t.RootCAs = pool
	return t, nil
}
