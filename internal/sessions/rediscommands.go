package sessions

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

// Compare and act: what has meanwhile come to be another's is left alone.
var (
	scriptDrop = rueidis.NewLuaScript(`local n = 0
for i, name in ipairs(KEYS) do
  local v = redis.pcall('GET', name)
  if type(v) == 'string' and string.sub(v, 10, 25) == ARGV[i] then n = n + redis.call('DEL', name) end
end
return n`)
	scriptRelease = rueidis.NewLuaScript(`local n = 0
for _, name in ipairs(KEYS) do
  if redis.pcall('GET', name) == ARGV[1] then n = n + redis.call('DEL', name) end
end
return n`)
	scriptExtend = rueidis.NewLuaScript(`for _, name in ipairs(KEYS) do
  if redis.pcall('GET', name) ~= ARGV[1] then return 0 end
end
for _, name in ipairs(KEYS) do redis.call('PEXPIRE', name, ARGV[2]) end
return 1`)
	// What does not look like a lock, having no end or one far away, is none.
	scriptClaim = rueidis.NewLuaScript(`for _, name in ipairs(KEYS) do
  local left = redis.call('PTTL', name)
  if left > 0 and left <= tonumber(ARGV[2]) and type(redis.pcall('GET', name)) == 'string' then return 0 end
end
for _, name in ipairs(KEYS) do redis.call('SET', name, ARGV[1], 'PX', ARGV[2]) end
return 1`)
)

// lying is what lies under a name, and how long it will.
type entryTTL struct {
	value []byte
	left  time.Duration
}

// read gives what lies under the names of two kinds; of the first it says how long. What is not there, or is no text, is empty.
func (r *redisStore) read(ctx context.Context, timed, plain []string) (first []entryTTL, second [][]byte, err error) {
	err = r.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		first, second = make([]entryTTL, len(timed)), make([][]byte, len(plain))
		commands := make([]rueidis.Completed, 0, len(timed)+1)
		commands = append(commands, c.B().Mget().Key(append(append([]string(nil), timed...), plain...)...).Build())
		for _, name := range timed {
			commands = append(commands, c.B().Pttl().Key(name).Build())
		}
		answers := c.DoMulti(ctx, commands...)
		values, err := answers[0].ToArray()
		if err != nil {
			return err
		}
		if len(values) != len(timed)+len(plain) {
			return errors.New("it answers another number of values than were asked for")
		}
		for i := range values {
			value, err := values[i].AsBytes()
			if err != nil {
				continue
			}
			if i >= len(timed) {
				second[i-len(timed)] = value
				continue
			}
			left, err := answers[1+i].AsInt64()
			if err != nil {
				return err
			}
			first[i] = entryTTL{value, time.Duration(left) * time.Millisecond}
		}
		return nil
	})
	return first, second, err
}

// write puts something under names for a while; only where nothing lies, if so wanted.
func (r *redisStore) write(ctx context.Context, name string, value []byte, age time.Duration, onlyNew bool) (written bool, err error) {
	err = r.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		set := c.B().Set().Key(name).Value(rueidis.BinaryString(value))
		var command rueidis.Completed
		if onlyNew {
			command = set.Nx().PxMilliseconds(milliseconds(age)).Build()
		} else {
			command = set.PxMilliseconds(milliseconds(age)).Build()
		}
		err := c.Do(ctx, command).Error()
		written = err == nil
		return err
	})
	return written, err
}

// lengthen has something lie for so long at least.
func (r *redisStore) lengthen(ctx context.Context, ages map[string]time.Duration) error {
	return r.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		commands := make([]rueidis.Completed, 0, len(ages))
		for name, age := range ages {
			commands = append(commands, c.B().Pexpire().Key(name).Milliseconds(milliseconds(age)).Gt().Build())
		}
		for _, answer := range c.DoMulti(ctx, commands...) {
			if err := answer.Error(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *redisStore) remove(ctx context.Context, names []string) error {
	return r.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Del().Key(names...).Build()).Error()
	})
}

// run gives the number that a script answers.
func (r *redisStore) run(ctx context.Context, script *rueidis.Lua, names, arguments []string) (n int64, err error) {
	err = r.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		n, err = script.Exec(ctx, c, names, arguments).AsInt64()
		return err
	})
	return n, err
}

func milliseconds(d time.Duration) int64 { return max(d.Milliseconds(), 1) }

func milliText(d time.Duration) string { return strconv.FormatInt(milliseconds(d), 10) }
