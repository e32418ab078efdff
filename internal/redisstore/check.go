package redisstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// checkTimeout bounds one operation of a check, and notifyTimeout the notification of a change.
const (
	checkTimeout  = 5 * time.Second
	notifyTimeout = 2 * time.Second
)

// Check tries all operations with one entry, which it removes by its tag: the connection, TLS, user
// and password, writing, reading, scripts, and notifications under the prefix. It returns what
// Redis reports about itself and how long an operation takes.
func (c Config) Check(ctx context.Context, prefix, name string, value []byte, tag string) (string, error) {
	option, err := c.options(prefix) // without NOLOOP: the writer itself is notified
	if err != nil {
		return "", err
	}
	changed := make(chan struct{}, 1)
	option.OnInvalidations = func(m []rueidis.RedisMessage) {
		if m != nil {
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}
	client, err := rueidis.NewClient(option)
	if err != nil {
		return "", c.advise(ctx, err)
	}
	defer client.Close()
	store := &Store{timeout: checkTimeout, log: slog.New(slog.DiscardHandler), now: time.Now, client: client, tried: make(chan struct{})}
	store.ctx, store.stop = context.WithCancel(ctx)
	defer store.stop()
	close(store.tried)
	took, err := store.tryEntry(ctx, name, value)
	if err != nil {
		return "", c.advise(ctx, err)
	}
	select {
	case <-changed:
	case <-time.After(notifyTimeout):
		return "", errors.New("it sent no notification of a change (CLIENT TRACKING): Redis 7 or later is needed, without a proxy in between")
	case <-ctx.Done():
		return "", ctx.Err()
	}
	err = store.Extend(ctx, map[string]time.Duration{name: 2 * time.Minute})
	if err == nil {
		_, err = store.RemoveTagged(ctx, []string{name}, []string{tag})
	}
	if err != nil {
		return "", c.advise(ctx, err)
	}
	return fmt.Sprintf("%s, an operation takes %s", versionOf(ctx, client), took.Round(10*time.Microsecond)), nil
}

// tryEntry writes an entry, reads it again, and returns how long writing took.
func (s *Store) tryEntry(ctx context.Context, name string, value []byte) (took time.Duration, err error) {
	began := time.Now()
	if _, err := s.Write(ctx, name, value, time.Minute, true); err != nil {
		return 0, err
	}
	took = time.Since(began)
	entries, _, err := s.Read(ctx, []string{name}, nil)
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(entries[0].Value, value) || entries[0].TTL <= 0 {
		return 0, errors.New("what was written was not what was read: does the address spread over several servers?")
	}
	return took, nil
}

// versionOf returns what Redis reports about itself. A user who may not ask is no failure.
func versionOf(ctx context.Context, c rueidis.Client) string {
	info, err := c.Do(ctx, c.B().Info().Section("server").Build()).ToString()
	if err != nil {
		return "Redis"
	}
	for line := range strings.Lines(info) {
		if version, ok := strings.CutPrefix(strings.TrimSpace(line), "redis_version:"); ok {
			return "Redis " + version
		}
	}
	return "Redis"
}
