package answercache_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vitrine/internal/answercache"
)

func newCache(t testing.TB, c answercache.Config) *answercache.Cache {
	t.Helper()
	if c.TTL == 0 {
		c.TTL = time.Minute
	}
	if c.Bytes == 0 {
		c.Bytes = 1_000_000
	}
	cache, err := answercache.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cache.Close)
	return cache
}

func always(*answercache.Answer) bool { return true }

func answerOf(c *answercache.Cache, k answercache.Key, body string) *answercache.Answer {
	return &answercache.Answer{Key: k, Body: []byte(body), Made: c.Now(), Ends: c.Ends()}
}

// Keys whose hashes are equal never share an answer, whatever the hash is: an answer reaches its own
// owner or nobody.
func TestAnswersNeverReachAnotherKey(t *testing.T) {
	t.Parallel()
	texts := rapid.SampledFrom([]string{"", "a", "b", "ab", "a\x00", "\x00a", "alice", "bob"})
	keys := rapid.Custom(func(t *rapid.T) answercache.Key {
		return answercache.Key{
			Owner: texts.Draw(t, "owner"), Roles: texts.Draw(t, "roles"), Document: texts.Draw(t, "document"),
			Operation: texts.Draw(t, "operation"), Variables: texts.Draw(t, "variables"),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		hashes := rapid.Uint64Range(1, 3).Draw(rt, "hashes")
		cache := newCache(t, answercache.Config{Hash: func(k answercache.Key) uint64 { return uint64(len(k.Owner)) % hashes }})
		defer cache.Close()
		found := 0
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			key := keys.Draw(rt, "key")
			if rapid.Bool().Draw(rt, "put") {
				cache.Put(answerOf(cache, key, fmt.Sprintf("%q", key)))
			}
			if a := cache.Get(&key, always); a != nil {
				found++
				if a.Key != key || string(a.Body) != fmt.Sprintf("%q", key) {
					rt.Fatalf("%q was given %q of %q", key, a.Body, a.Key)
				}
			}
		}
		if int64(found) != cache.Hits() {
			rt.Fatalf("%d hits were counted of %d", cache.Hits(), found)
		}
	})
}

// The same with many at once, each with answers of their own under one hash.
func TestAnswersNeverReachAnotherKeyAtTheSameTime(t *testing.T) {
	t.Parallel()
	cache := newCache(t, answercache.Config{Hash: func(answercache.Key) uint64 { return 7 }})
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			key := answercache.Key{Owner: fmt.Sprint("owner ", n), Document: "{ a }"}
			for range 300 {
				cache.Put(answerOf(cache, key, key.Owner))
				if a := cache.Get(&key, always); a != nil && string(a.Body) != key.Owner {
					t.Errorf("%s was given %s", key.Owner, a.Body)
				}
			}
		})
	}
	wg.Wait()
}

func TestAnswersEnd(t *testing.T) {
	t.Parallel()
	now := time.Now()
	cache := newCache(t, answercache.Config{TTL: 10 * time.Second, Now: func() time.Time { return now }})
	key := answercache.Key{Owner: "a"}
	cache.Put(answerOf(cache, key, "x"))
	for after, want := range map[time.Duration]bool{0: true, 10*time.Second - 1: true, 10 * time.Second: false} {
		now = cache.Now().Add(after)
		if got := cache.Get(&key, always) != nil; got != want {
			t.Errorf("after %s: %t", after, got)
		}
		now = now.Add(-after)
	}
	if cache.Get(&key, func(*answercache.Answer) bool { return false }) != nil {
		t.Error("an answer that is not valid was given")
	}
	ended := answerOf(cache, answercache.Key{Owner: "b"}, "x")
	ended.Ends = now
	if cache.Put(ended); cache.Get(&ended.Key, always) != nil {
		t.Error("an answer that had ended was kept")
	}
}

// Whatever is kept takes no more memory than the settings allow.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	const most = 1_000_000
	cache := newCache(t, answercache.Config{Bytes: most})
	kept := 0
	for n := range 300 {
		key := answercache.Key{Owner: fmt.Sprint(n)}
		cache.Put(answerOf(cache, key, strings.Repeat("x", 20_000)))
		if cache.Get(&key, always) != nil {
			kept++
		}
		if used := cache.Used(); used < 0 || used > most {
			t.Fatalf("%d bytes after %d answers", used, n)
		}
	}
	if kept < 20 {
		t.Errorf("%d answers were ever kept", kept)
	}
	large := answercache.Key{Owner: "large"}
	if cache.Put(answerOf(cache, large, strings.Repeat("x", most/8+1))); cache.Get(&large, always) != nil {
		t.Error("an answer larger than an eighth of the cache was kept")
	}
	cache.Close()
	cache.Put(answerOf(cache, large, "x"))
	if cache.Get(&large, always) != nil || cache.Used() != 0 {
		t.Error("a closed cache keeps answers")
	}
	cache.Close()
}

func TestFormsAreMadeOnce(t *testing.T) {
	t.Parallel()
	a := &answercache.Answer{Body: bytes.Repeat([]byte("a"), 100)}
	made := map[string]int{}
	for range 3 {
		for coding, size := range map[string]int{"gzip": 10, "zstd": 50, "br": 10} {
			got := a.Encoded(coding, func(body []byte) []byte {
				made[coding]++
				return []byte(coding + strings.Repeat("x", size-len(coding)))
			})
			if !strings.HasPrefix(string(got), coding) {
				t.Errorf("%s is %s", coding, got)
			}
		}
	}
	once := 0
	for _, times := range made {
		if times == 1 {
			once++
		}
	}
	if once != 2 || len(made) != 3 {
		t.Errorf("there is room for two forms: %v", made)
	}
	poor := &answercache.Answer{Body: []byte("12345678")}
	for range 2 {
		poor.Encoded("gzip", func([]byte) []byte { made["poor"]++; return []byte("123456") })
	}
	if made["poor"] != 2 {
		t.Error("a form that saves little was kept: it would take more than the answer was counted with")
	}
}

func TestTagsFollowTheBody(t *testing.T) {
	t.Parallel()
	a, b := &answercache.Answer{Body: []byte(`{"data":1}`)}, &answercache.Answer{Body: []byte(`{"data":2}`)}
	for range 2 {
		if a.Tag() != answercache.TagOf([]byte(`{"data":`), []byte("1}")) || a.Tag() == b.Tag() {
			t.Errorf("%s, %s", a.Tag(), b.Tag())
		}
	}
}

func BenchmarkGet(b *testing.B) {
	cache := newCache(b, answercache.Config{})
	key := answercache.Key{Owner: strings.Repeat("o", 400), Roles: "everyone", Document: strings.Repeat("d", 400)}
	cache.Put(answerOf(cache, key, strings.Repeat("x", 10_000)))
	b.ReportAllocs()
	for b.Loop() {
		if cache.Get(&key, always) == nil {
			b.Fatal("not there")
		}
	}
}
