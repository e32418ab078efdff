package sessions

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

const (
	// redisPatience is how long one operation of the store may take, unless it is said otherwise. It is waited once: a store that gave no
	// answer at all for so long is left alone.
	redisPatience = time.Second
	// redisExtensions is how often an operation gets its time anew because this process was too busy to see an answer in time.
	redisExtensions = 3
	// redisStrikes is after how many operations in a row without an answer the store is left alone until it answers again.
	redisStrikes = 3
	// redisProbe and redisProbeMost are how long to wait before asking again whether the store answers: more each time.
	redisProbe     = 100 * time.Millisecond
	redisProbeMost = 5 * time.Second
	// redisRelink is how long a connection to a store that may only be read is kept: the address may lead to another by now.
	redisRelink = 10 * time.Second
	// redisDial is how long connecting may take.
	redisDial = 2 * time.Second
)

// What lies in Redis. Names of a kind begin with its prefix; Redis tells each replica when something under one of those that are
// watched has changed.
const (
	prefixSession = "vitrine:s:" // sessions, and refusals in their place
	prefixLock    = "vitrine:k:" // who is signing in for whom
	prefixLogout  = "vitrine:o:" // the last logout of a person
	prefixLUID    = "vitrine:l:" // LUIDs of names; not watched
	prefixCount   = "vitrine:c:" // what somebody has used in a minute; not watched
	prefixGone    = "vitrine:x:" // sessions that a replica signs out; not watched
	prefixProbe   = "vitrine:p:" // what check writes and reads
)

// errStore says that the shared store cannot be asked now.
var errStore = errors.New("the shared store does not answer")

// redisStore is the connection to Redis. It connects on its own, again and again, and says errStore meanwhile: nobody waits for a
// store that does not answer.
type redisStore struct {
	option   rueidis.ClientOption
	patience time.Duration // of one operation
	log      *slog.Logger
	now      func() time.Time
	// changed is told which names have changed; nil for perhaps all of them, after the connection was lost or the store emptied.
	changed func(names []string)
	advised func(context.Context, error) error // says what to do about an error; it may ask Redis

	stop    context.CancelFunc
	ctx     context.Context
	ask     chan struct{} // wakes the prober
	tried   chan struct{} // closed when connecting was tried once
	stopped chan struct{}

	mu      sync.Mutex
	client  rueidis.Client // nil until connected
	down    bool           // left alone until it answers again
	strikes int
	told    time.Time // when an answer that is an error was last logged
	linked  time.Time // when it was connected
	heard   time.Time // when it last answered

	unlinking sync.WaitGroup
}

// redisOption reads the address: redis://host[:port][/database], or rediss with TLS.
func redisOption(c *RedisConfig) (rueidis.ClientOption, error) {
	o := rueidis.ClientOption{
		ForceSingleClient: true, DisableRetry: true, PipelineMultiplex: -1, // one connection: what it tells is in order
		ClientName: "vitrine", Username: c.Username, Password: c.Password.Reveal(), Dialer: net.Dialer{Timeout: redisDial, KeepAlive: time.Second},
		ConnWriteTimeout: 4 * c.operationTimeout(), CacheSizeEachConn: 1 << 16, ReadBufferEachConn: 1 << 15, WriteBufferEachConn: 1 << 15,
		// Redis tells of every change under these prefixes, but for our own plain commands.
		ClientTrackingOptions: []string{"PREFIX", prefixSession, "PREFIX", prefixLock, "PREFIX", prefixLogout, "BCAST", "NOLOOP"},
	}
	u, err := url.Parse(c.Address)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
		return o, errors.New("the address of the shared store is not like rediss://redis.example.com:6379")
	}
	if u.User != nil {
		return o, errors.New("the address of the shared store holds a user name or a password")
	}
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	o.InitAddress = []string{net.JoinHostPort(u.Hostname(), port)}
	if db := strings.Trim(u.Path, "/"); db != "" {
		if o.SelectDB, err = strconv.Atoi(db); err != nil || o.SelectDB < 0 {
			return o, fmt.Errorf("the address of the shared store names the database %q, which is no number", db)
		}
	}
	if u.Scheme == "rediss" {
		o.TLSConfig = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
		if c.CA != nil {
			pool, err := x509.SystemCertPool()
			if err != nil {
				pool = x509.NewCertPool()
			}
			if !pool.AppendCertsFromPEM(c.CA) {
				return o, errors.New("caFile of the shared store holds no certificate in PEM form")
			}
			o.TLSConfig.RootCAs = pool
		}
	}
	return o, nil
}

func newRedisStore(o rueidis.ClientOption, patience time.Duration, log *slog.Logger, changed func([]string),
	advised func(context.Context, error) error,
) *redisStore {
	r := &redisStore{
		option: o, patience: patience, log: log, changed: changed, advised: advised, now: time.Now,
		ask: make(chan struct{}, 1), tried: make(chan struct{}), stopped: make(chan struct{}), down: true,
	}
	r.option.OnInvalidations = r.invalidated
	r.ctx, r.stop = context.WithCancel(context.Background())
	go r.keep()
	return r
}

// keep connects, and after a loss finds out when the store answers again.
func (r *redisStore) keep() {
	defer close(r.stopped)
	wait := redisProbe
	for first := true; ; first = false {
		err := r.probe()
		r.mark(err, first)
		if first {
			close(r.tried)
		}
		var again <-chan time.Time
		if err != nil {
			again = time.After(wait)
			wait = min(2*wait, redisProbeMost)
		} else {
			wait = redisProbe
		}
		ask := r.ask
		if err != nil {
			ask = nil // it is asked soon enough
		}
		select {
		case <-r.ctx.Done():
			return
		case <-again:
		case <-ask:
		}
	}
}

// probe connects if need be, and asks for a sign of life.
func (r *redisStore) probe() error {
	client := r.current()
	if client == nil {
		made, err := rueidis.NewClient(r.option)
		if err != nil {
			return err
		}
		r.mu.Lock()
		r.client, r.linked = made, time.Now()
		r.mu.Unlock()
		client = made
	}
	ctx, stop := r.limit(r.ctx)
	defer stop()
	return client.Do(ctx, client.B().Ping().Build()).Error()
}

// mark notes whether the store answers. When it does again, all that is known of it is doubted: what it told meanwhile was lost.
func (r *redisStore) mark(err error, first bool) {
	r.mu.Lock()
	was := r.down
	r.down = err != nil
	if err == nil {
		r.strikes = 0
	}
	r.mu.Unlock()
	switch {
	case r.ctx.Err() != nil:
	case err != nil && (first || !was):
		r.log.Warn("the shared store does not answer: this replica goes on alone, with sign-ins of its own", "error", r.advised(r.ctx, err))
	case err == nil && was:
		r.log.Info("the shared store answers: sessions are shared between replicas")
		r.changed(nil)
	}
}

func (r *redisStore) current() rueidis.Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.client
}

// invalidated runs inside the connection: it is quick and asks nothing.
func (r *redisStore) invalidated(messages []rueidis.RedisMessage) {
	if messages == nil { // the connection is gone, or the store was emptied
		r.changed(nil)
		r.wake()
		return
	}
	names := make([]string, 0, len(messages))
	for i := range messages {
		if name, err := messages[i].ToString(); err == nil {
			names = append(names, name)
		}
	}
	r.changed(names)
}

func (r *redisStore) wake() {
	select {
	case r.ask <- struct{}{}:
	default:
	}
}

// do runs one operation, within its time. An answer that is an error is one of the operation; no answer is held against the store.
func (r *redisStore) do(ctx context.Context, operation func(context.Context, rueidis.Client) error) error {
	whole := ctx
	ctx, stop := r.limit(ctx)
	defer stop()
	began := r.now()
	select {
	case <-r.tried:
	case <-ctx.Done():
		return errStore
	}
	r.mu.Lock()
	client, down := r.client, r.down
	r.mu.Unlock()
	if client == nil || down {
		return errStore
	}
	err := operation(ctx, client)
	answer, isAnswer := rueidis.IsRedisErr(err)
	switch {
	case err == nil || rueidis.IsRedisNil(err): // nil is the answer of SET NX where something is stored already
		r.answered()
		return nil
	case isAnswer:
		r.answered()
		if strings.HasPrefix(answer.Error(), "READONLY") {
			r.relink()
		}
		r.tell(err)
		return fmt.Errorf("the shared store: %w", err)
	case whole.Err() != nil:
		return whole.Err() // the caller's time was up, not the store's
	default:
		r.strike(err, began)
		return fmt.Errorf("%w: %w", errStore, err)
	}
}

// relink connects anew: what was the primary may be a replica now, and the address lead to another.
func (r *redisStore) relink() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client == nil || r.ctx.Err() != nil || time.Since(r.linked) < redisRelink {
		return
	}
	r.unlinking.Go(r.client.Close)
	r.client, r.down = nil, true
	r.wake()
}

// answered notes that the store answers.
func (r *redisStore) answered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.strikes, r.heard = 0, r.now()
}

// limit bounds an operation. When the time is up, and the timer that says so is itself late by a quarter of it, this process was too busy to
// see an answer: the operation gets its time anew, redisExtensions times at most.
func (r *redisStore) limit(ctx context.Context) (limited context.Context, stop func()) {
	limited, cancel := context.WithCancelCause(ctx)
	l := &operationLimit{store: r, cancel: cancel}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = r.now().Add(r.patience)
	l.timer = time.AfterFunc(r.patience, l.check)
	return limited, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.timer.Stop()
		cancel(nil)
	}
}

// operationLimit is the end of an operation's time.
type operationLimit struct {
	store  *redisStore
	cancel context.CancelCauseFunc

	mu         sync.Mutex
	due        time.Time
	timer      *time.Timer
	extensions int
}

func (l *operationLimit) check() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, patience := l.store.now(), l.store.patience
	if now.Sub(l.due) < patience/4 || l.extensions == redisExtensions {
		l.cancel(context.DeadlineExceeded)
		return
	}
	l.extensions++
	l.due = now.Add(patience)
	l.timer.Reset(patience)
}

// strike counts an operation without an answer. The store is left alone after some in a row, and at once when nothing else was
// answered since the operation began.
func (r *redisStore) strike(err error, began time.Time) {
	r.mu.Lock()
	r.strikes++
	broken := (r.strikes >= redisStrikes || errors.Is(err, context.Canceled) && r.heard.Before(began)) && !r.down
	if broken {
		r.down = true
	}
	r.mu.Unlock()
	if broken && r.ctx.Err() == nil {
		r.log.Warn("the shared store does not answer: this replica goes on alone, with sign-ins of its own", "error", err)
	}
	if broken {
		r.wake()
	}
}

// tell logs an answer that is an error, such as a store that is full or may only be read, once a minute.
func (r *redisStore) tell(err error) {
	r.mu.Lock()
	tell := time.Since(r.told) > time.Minute
	if tell {
		r.told = time.Now()
	}
	r.mu.Unlock()
	if tell {
		r.log.Warn("the shared store refuses a command: check its memory limit, its role and the rights of its user", "error", err)
	}
}

func (r *redisStore) close() {
	r.stop()
	<-r.stopped
	if client := r.current(); client != nil {
		client.Close()
	}
	r.unlinking.Wait()
}
