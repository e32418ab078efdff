package redisstore

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

// The scripts compare and act in one step: an entry that somebody else has replaced meanwhile
// stays.
var (
	// scriptRemove compares bytes 10 to 25 of an entry, where a sealed one has its tag
	// (internal/seal).
	scriptRemove = rueidis.NewLuaScript(`local n = 0
for i, name in ipairs(KEYS) do
  local v = redis.pcall('GET', name)
  if type(v) == 'string' and string.sub(v, 10, 25) == ARGV[i] then n = n + redis.call('DEL', name) end
end
return n`)
	scriptUnlock = rueidis.NewLuaScript(`local n = 0
for _, name in ipairs(KEYS) do
  if redis.pcall('GET', name) == ARGV[1] then n = n + redis.call('DEL', name) end
end
return n`)
	scriptExtendLock = rueidis.NewLuaScript(`for _, name in ipairs(KEYS) do
  if redis.pcall('GET', name) ~= ARGV[1] then return 0 end
end
for _, name in ipairs(KEYS) do redis.call('PEXPIRE', name, ARGV[2]) end
return 1`)
	// An entry without an end, or with one far away, is not a lock.
	scriptLock = rueidis.NewLuaScript(`for _, name in ipairs(KEYS) do
  local left = redis.call('PTTL', name)
  if left > 0 and left <= tonumber(ARGV[2]) and type(redis.pcall('GET', name)) == 'string' then return 0 end
end
for _, name in ipairs(KEYS) do redis.call('SET', name, ARGV[1], 'PX', ARGV[2]) end
return 1`)
)

// Entry is the value of a name, and its time to live. The value is nil if the name has no value, or
// one that is not a string.
type Entry struct {
	Value []byte
	TTL   time.Duration
}

// Read returns the entries of some names and the values of others, in one round trip.
func (s *Store) Read(ctx context.Context, names, valuesOf []string) (entries []Entry, values [][]byte, err error) {
	err = s.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		entries, values = make([]Entry, len(names)), make([][]byte, len(valuesOf))
		commands := make([]rueidis.Completed, 0, len(names)+1)
		commands = append(commands, c.B().Mget().Key(append(append([]string(nil), names...), valuesOf...)...).Build())
		for _, name := range names {
			commands = append(commands, c.B().Pttl().Key(name).Build())
		}
		answers := c.DoMulti(ctx, commands...)
		all, err := answers[0].ToArray()
		if err != nil {
			return err
		}
		if len(all) != len(names)+len(valuesOf) {
			return errors.New("it answers another number of values than were asked for")
		}
		for i := range all {
			value, err := all[i].AsBytes()
			if err != nil {
				continue
			}
			if i >= len(names) {
				values[i-len(names)] = value
				continue
			}
			left, err := answers[1+i].AsInt64()
			if err != nil {
				return err
			}
			entries[i] = Entry{value, time.Duration(left) * time.Millisecond}
		}
		return nil
	})
	return entries, values, err
}

// Write stores a value for a while; with onlyNew only under a name without a value. It reports
// whether the value was stored.
func (s *Store) Write(ctx context.Context, name string, value []byte, ttl time.Duration, onlyNew bool) (written bool, err error) {
	err = s.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		set := c.B().Set().Key(name).Value(rueidis.BinaryString(value))
		var command rueidis.Completed
		if onlyNew {
			command = set.Nx().PxMilliseconds(milliseconds(ttl)).Build()
		} else {
			command = set.PxMilliseconds(milliseconds(ttl)).Build()
		}
		err := c.Do(ctx, command).Error()
		written = err == nil
		return err
	})
	return written, err
}

// Extend lengthens the time to live of entries, and never shortens it.
func (s *Store) Extend(ctx context.Context, ttls map[string]time.Duration) error {
	return s.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		commands := make([]rueidis.Completed, 0, len(ttls))
		for name, ttl := range ttls {
			commands = append(commands, c.B().Pexpire().Key(name).Milliseconds(milliseconds(ttl)).Gt().Build())
		}
		for _, answer := range c.DoMulti(ctx, commands...) {
			if err := answer.Error(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Remove removes entries.
func (s *Store) Remove(ctx context.Context, names []string) error {
	return s.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Del().Key(names...).Build()).Error()
	})
}

// RemoveTagged removes those entries that have the tag of the same index, and returns how many
// these were.
func (s *Store) RemoveTagged(ctx context.Context, names, tags []string) (int64, error) {
	return s.script(ctx, scriptRemove, names, tags)
}

// Lock takes a lock under all names, unless somebody else holds one of them, and reports whether it
// did.
func (s *Store) Lock(ctx context.Context, names []string, token string, ttl time.Duration) (bool, error) {
	n, err := s.script(ctx, scriptLock, names, []string{token, millisecondText(ttl)})
	return err == nil && n == 1, err
}

// ExtendLock lengthens a lock, and reports whether it was still held.
func (s *Store) ExtendLock(ctx context.Context, names []string, token string, ttl time.Duration) (bool, error) {
	n, err := s.script(ctx, scriptExtendLock, names, []string{token, millisecondText(ttl)})
	return err == nil && n == 1, err
}

// Unlock gives a lock back that is still held.
func (s *Store) Unlock(ctx context.Context, names []string, token string) error {
	_, err := s.script(ctx, scriptUnlock, names, []string{token})
	return err
}

// Add adds to a number, which is forgotten some time after it was last used, and returns the sum.
func (s *Store) Add(ctx context.Context, name string, n int64, ttl time.Duration) (sum int64, err error) {
	err = s.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		answers := c.DoMulti(
			ctx, c.B().Incrby().Key(name).Increment(n).Build(), c.B().Pexpire().Key(name).Milliseconds(milliseconds(ttl)).Build(),
		)
		var err error
		if sum, err = answers[0].AsInt64(); err != nil {
			return err
		}
		return answers[1].Error()
	})
	return sum, err
}

// script runs a script and returns the number that it answers.
func (s *Store) script(ctx context.Context, script *rueidis.Lua, names, arguments []string) (n int64, err error) {
	err = s.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		n, err = script.Exec(ctx, c, names, arguments).AsInt64()
		return err
	})
	return n, err
}

func milliseconds(d time.Duration) int64 { return max(d.Milliseconds(), 1) }

func millisecondText(d time.Duration) string { return strconv.FormatInt(milliseconds(d), 10) }
