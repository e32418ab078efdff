package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// An unknown key id is asked for again when it has been remembered for a minute, and not before.
func TestUnknownKeyIDsAreForgottenAfterAMinute(t *testing.T) {
	t.Parallel()
	c := newClock()
	k := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now)).order[0].keyring
	if _, err := k.ask(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	c.Add(unknownFor - 1)
	if _, err := k.ask(t.Context(), "x"); !errors.Is(err, errUnknownKey) {
		t.Errorf("before: %v", err)
	}
	c.Add(1)
	if own, err := k.ask(t.Context(), "x"); err != nil || !own {
		t.Errorf("after a minute: %v, %v", own, err)
	}
}

// Within the interval after a fetch that failed, the answer is that the provider is unavailable,
// and why.
func TestRequestsAfterAFailedFetchAreToldWhy(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	k := newVerifier(t, goodConfig(f, c.Now)).order[0].keyring
	for name, step := range map[string]struct {
		down bool
		want string
	}{"after a good fetch": {false, ""}, "after a failed one": {true, "connection refused"}} {
		k.asked, k.failed = time.Time{}, nil
		f.set(func() { f.down = step.down })
		_, _ = k.ask(t.Context(), "first "+name)
		_, err := k.ask(t.Context(), "second "+name)
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeUnavailable {
			t.Fatalf("%s: %v", name, err)
		}
		if cause := fmt.Sprint(errors.Unwrap(e)); strings.Contains(cause, "connection refused") != (step.want != "") {
			t.Errorf("%s: %s", name, cause)
		}
	}
}

// The memory of unknown key ids is used up to its bound; then it starts empty. Withdrawn keys fill
// it, and clear nothing.
func TestMemoryOfUnknownKeyIDsIsUsedUpToItsBound(t *testing.T) {
	t.Parallel()
	c := newClock()
	k := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now)).order[0].keyring
	for n := range maxUnknown {
		if k.remember(fmt.Sprint(n), c.Now()); len(k.unknown) != n+1 {
			t.Fatalf("%d remembered after %d", len(k.unknown), n+1)
		}
	}
	k.keys = []publicKey{{id: "old"}}
	if k.withdraw(nil); len(k.unknown) != maxUnknown {
		t.Errorf("%d remembered, with one withdrawn", len(k.unknown))
	}
	k.remember("one more", c.Now())
	if _, ok := k.unknown["one more"]; !ok || len(k.unknown) != 1 {
		t.Errorf("%d remembered after one more", len(k.unknown))
	}
	k.withdraw([]publicKey{{id: "new"}})
	if _, ok := k.unknown["old"]; !ok || len(k.unknown) != 2 {
		t.Errorf("the withdrawn key is not remembered: %v", k.unknown)
	}
}

func TestKeyringKnowsWhetherAllKeysAreNamed(t *testing.T) {
	t.Parallel()
	for want, sets := range map[bool][][]publicKey{
		true: {nil, {{id: "a"}}, {{id: "a"}, {id: "b"}}}, false: {{{}}, {{id: "a"}, {}}, {{}, {id: "b"}}},
	} {
		for _, keys := range sets {
			if got := (&keyring{keys: keys}).named(); got != want {
				t.Errorf("%v: %v", keys, got)
			}
		}
	}
}

// A good token without a key id shows that this provider's tokens name none; a bad one shows
// nothing.
func TestGoodTokensWithoutKeyIDAreNoted(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	k := v.order[0].keyring
	unnamed := dict{"alg": "RS256", "typ": "at+jwt"}
	if _, err := v.Verify(t.Context(), sign(t, otherPair(), unnamed, goodClaims(c.Now()))); err == nil || k.unnamed {
		t.Errorf("a bad token: %v, noted %v", err, k.unnamed)
	}
	wantStatus(t, v, sign(t, rsaPair(), goodHeader(rsaPair()), goodClaims(c.Now())), 200)
	if k.unnamed {
		t.Error("a token with a key id is noted")
	}
	if wantStatus(t, v, sign(t, rsaPair(), unnamed, goodClaims(c.Now())), 200); !k.unnamed {
		t.Error("a good token without a key id is not noted")
	}
}

// The discovery document is read again when it is an hour old, and not before.
func TestDiscoveryIsReadAgainAfterAnHour(t *testing.T) {
	t.Parallel()
	const discovery = "/.well-known/openid-configuration"
	c := newClock()
	f := newProviderFake(rsaPair())
	k := newVerifier(t, goodConfig(f, c.Now)).order[0].keyring
	fetch := func() {
		t.Helper()
		k.mu.Lock()
		running := k.start(c.Now())
		k.mu.Unlock()
		if err := running.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {discoveryAge - 1, 1}, {1, 2}, {1, 2}} {
		c.Add(step.after)
		if fetch(); f.count(discovery) != step.want {
			t.Errorf("after %s more: read %d times, want %d", step.after, f.count(discovery), step.want)
		}
	}
}

// messages keeps what is logged.
type messages struct {
	mu   sync.Mutex
	list []string
}

func (*messages) Enabled(context.Context, slog.Level) bool { return true }
func (m *messages) Handle(_ context.Context, r slog.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(m.list, r.Level.String()+" "+r.Message)
	return nil
}
func (m *messages) WithAttrs([]slog.Attr) slog.Handler { return m }
func (m *messages) WithGroup(string) slog.Handler      { return m }

// The log says when a provider becomes unavailable and available again, once each, and nothing when
// the server stops.
func TestEachChangeOfAProviderIsLoggedOnce(t *testing.T) {
	t.Parallel()
	const away, back = "WARN identity provider unavailable", "INFO identity provider available"
	c := newClock()
	log := &messages{}
	config := goodConfig(newProviderFake(rsaPair()), c.Now)
	config.Logger = slog.New(log)
	v := newVerifier(t, config)
	k := v.order[0].keyring
	keys := []publicKey{{id: "a"}}
	var want []string
	for n, step := range []struct {
		err  error
		said string
	}{{nil, back}, {nil, ""}, {errors.New("x"), away}, {errors.New("x"), ""}, {nil, back}, {nil, ""}} {
		if k.store(keys, step.err); step.said != "" {
			want = append(want, step.said)
		}
		if !slices.Equal(log.list, want) {
			t.Fatalf("step %d: %q, want %q", n, log.list, want)
		}
	}
	v.stop()
	if k.store(keys, errors.New("stopped")); !slices.Equal(log.list, want) {
		t.Errorf("stopping: %q", log.list)
	}
}
