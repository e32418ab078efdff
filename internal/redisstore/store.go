// Package redisstore is the connection to the Redis that replicas share: it reads, writes and locks
// entries, and reports which entries other replicas change. It knows neither sessions nor what
// entries hold; they are sealed before they come here. It is the one package that names the Redis
// client library.
//
// No request waits for a Redis that does not answer. A [Store] connects in the background, again
// and again, and returns [ErrUnavailable] meanwhile; internal/sessions then goes on without it.
// Read [Store.do] first: every operation passes through it.
package redisstore

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

const (
	// timeoutExtensions is how often an operation gets its time again because this process was too
	// busy to see an answer.
	timeoutExtensions = 3
	// maxStrikes is after how many operations in a row without an answer the store is not asked
	// until it answers a probe.
	maxStrikes = 3
	// firstProbe and lastProbe are the shortest and longest waits between probes; each wait doubles
	// the one before.
	firstProbe = 100 * time.Millisecond
	lastProbe  = 5 * time.Second
	// reconnectAfter is how long a connection to a read-only store is kept: the address may lead to
	// another server by now.
	reconnectAfter = 10 * time.Second
	// dialTimeout bounds connecting.
	dialTimeout = 2 * time.Second
)

// ErrUnavailable reports that the store does not answer now.
var ErrUnavailable = errors.New("the shared store does not answer")

// Store is a connection to Redis. It is made by [New], used by any number of goroutines, and closed
// once.
type Store struct {
	option  rueidis.ClientOption
	timeout time.Duration // of one operation
	log     *slog.Logger
	now     func() time.Time
	changed func(names []string)
	advise  func(context.Context, error) error // adds what to do about an error; it may ask Redis

	stop    context.CancelFunc
	ctx     context.Context
	ask     chan struct{} // wakes the prober
	tried   chan struct{} // closed after the first attempt to connect
	stopped chan struct{}

	mu        sync.Mutex
	client    rueidis.Client // nil until connected
	down      bool           // not asked until it answers a probe
	strikes   int
	logged    time.Time // when an error answer was last logged
	connected time.Time
	answered  time.Time // when it last answered

	disconnecting sync.WaitGroup
}

// New makes a store and starts to connect. changed receives the names that somebody else has
// changed under the watched prefixes; nil means that any may have changed, after the connection was
// lost or Redis was emptied. changed must return at once.
func New(c Config, watch []string, log *slog.Logger, changed func(names []string)) (*Store, error) {
	option, err := c.options(watch...)
	if err != nil {
		return nil, err
	}
	option.ClientTrackingOptions = append(option.ClientTrackingOptions, "NOLOOP") // no notification of our own plain commands
	s := &Store{
		option: option, timeout: c.timeout(), log: log, changed: changed, advise: c.advise, now: time.Now,
		ask: make(chan struct{}, 1), tried: make(chan struct{}), stopped: make(chan struct{}), down: true,
	}
	s.option.OnInvalidations = s.invalidated
	s.ctx, s.stop = context.WithCancel(context.Background())
	go s.run()
	return s, nil
}

// run connects, and after a loss probes until the store answers again.
func (s *Store) run() {
	defer close(s.stopped)
	wait := firstProbe
	for first := true; ; first = false {
		err := s.probe()
		s.mark(err, first)
		if first {
			close(s.tried)
		}
		var again <-chan time.Time
		ask := s.ask
		if err != nil {
			again, ask = time.After(wait), nil // it is probed soon enough
			wait = min(2*wait, lastProbe)
		} else {
			wait = firstProbe
		}
		select {
		case <-s.ctx.Done():
			return
		case <-again:
		case <-ask:
		}
	}
}

// probe connects if there is no connection, and pings.
func (s *Store) probe() error {
	client := s.current()
	if client == nil {
		made, err := rueidis.NewClient(s.option)
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.client, s.connected = made, time.Now()
		s.mu.Unlock()
		client = made
	}
	ctx, stop := s.limit(s.ctx)
	defer stop()
	return client.Do(ctx, client.B().Ping().Build()).Error()
}

// mark notes whether the store answers. When it does again, everything may have changed:
// notifications were lost meanwhile.
func (s *Store) mark(err error, first bool) {
	s.mu.Lock()
	was := s.down
	s.down = err != nil
	if err == nil {
		s.strikes = 0
	}
	s.mu.Unlock()
	switch {
	case s.ctx.Err() != nil:
	case err != nil && (first || !was):
		s.logDown(s.advise(s.ctx, err))
	case err == nil && was:
		s.log.Info("the shared store answers: sessions are shared between replicas")
		s.changed(nil)
	}
}

// Up reports whether Redis answered when it was last asked.
func (s *Store) Up() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.down
}

func (s *Store) logDown(err error) {
	s.log.Warn("the shared store does not answer: this replica goes on alone, with sign-ins of its own", "error", err)
}

func (s *Store) current() rueidis.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client
}

// invalidated runs inside the connection: it returns at once and asks nothing.
func (s *Store) invalidated(messages []rueidis.RedisMessage) {
	if messages == nil { // the connection is gone, or Redis was emptied
		s.changed(nil)
		s.wake()
		return
	}
	names := make([]string, 0, len(messages))
	for i := range messages {
		if name, err := messages[i].ToString(); err == nil {
			names = append(names, name)
		}
	}
	s.changed(names)
}

func (s *Store) wake() {
	select {
	case s.ask <- struct{}{}:
	default:
	}
}

// reconnect drops the connection: the primary may have become a replica, and the address may lead
// to another server.
func (s *Store) reconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil || s.ctx.Err() != nil || time.Since(s.connected) < reconnectAfter {
		return
	}
	s.disconnecting.Go(s.client.Close)
	s.client, s.down = nil, true
	s.wake()
}

// Close disconnects.
func (s *Store) Close() {
	s.stop()
	<-s.stopped
	if client := s.current(); client != nil {
		client.Close()
	}
	s.disconnecting.Wait()
}
