package sessions

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// Check tries all that replicas need of a shared store: that it can be reached, with the right TLS, user and password; that what is
// written is read again, and opens; that it tells of changes. It gives what the store says of itself, and how long it takes.
func (c *RedisConfig) Check(ctx context.Context) (string, error) {
	keys, err := newSealKeys(c.Keys, c.Realm)
	if err != nil {
		return "", err
	}
	option, err := redisOption(c)
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
	// What is written is told to its writer, here alone.
	option.ClientTrackingOptions = []string{"PREFIX", prefixProbe, "BCAST"}
	client, err := rueidis.NewClient(option)
	if err != nil {
		return "", c.advised(ctx, err)
	}
	defer client.Close()
	store := &redisStore{patience: 5 * time.Second, log: slog.New(slog.DiscardHandler), now: time.Now, client: client, tried: make(chan struct{})}
	store.ctx, store.stop = context.WithCancel(ctx)
	defer store.stop()
	close(store.tried)

	about := exactly("check", rand.Text())
	name := keys[0].name(prefixProbe, about)
	sealed := keys[0].seal(name, about, tag{}, []byte("check"))
	began := time.Now()
	if _, err := store.write(ctx, name, sealed, time.Minute, true); err != nil {
		return "", c.advised(ctx, err)
	}
	took := time.Since(began)
	entries, _, err := store.read(ctx, []string{name}, nil)
	if err != nil {
		return "", c.advised(ctx, err)
	}
	if plain, ok := keys.open(name, about, entries[0].value); !ok || !bytes.Equal(plain, []byte("check")) || entries[0].left <= 0 {
		return "", errors.New("what was written was not what was read: does an address that spreads over several servers lead there?")
	}
	select {
	case <-changed:
	case <-time.After(2 * time.Second):
		return "", errors.New("it did not tell of a change (CLIENT TRACKING): Redis 7 or later is needed, without a proxy in between")
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if err := errors.Join(
		store.lengthen(ctx, map[string]time.Duration{name: 2 * time.Minute}),
		func() error {
			_, err := store.run(ctx, scriptDrop, []string{name}, []string{string(make([]byte, tagSize))})
			return err
		}(),
	); err != nil {
		return "", c.advised(ctx, err)
	}
	return fmt.Sprintf("%s, an operation takes %s", versionOf(ctx, client), took.Round(10*time.Microsecond)), nil
}

// versionOf is what the store says of itself; a user without the right to ask is no failure.
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
