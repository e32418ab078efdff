package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"vitrine/internal/suggest"
)

// SharedStore is a Redis that several replicas share their sessions through.
type SharedStore struct {
	// Redis is rediss://host:port, or redis:// on loopback, perhaps with the
	// number of a database behind it: rediss://host:port/1. Empty for no shared
	// store. Key: redis.
	Redis string
	// Username and Password are those of Redis; both may be empty.
	// Keys: username, passwordFile, passwordEnv.
	Username string
	Password Secret
	// CA is a PEM file's content: certificates to trust besides the system's; nil
	// for none. Key: caFile.
	CA []byte
	// DangerouslyWithoutTLS accepts redis:// that is not on loopback.
	// Key: dangerouslyWithoutTLS.
	DangerouslyWithoutTLS bool
	// Timeout is how long the store may take for one operation, 50ms to 10s. A
	// store that does not answer for longer is done without. Key: timeout.
	// Default: 1s.
	Timeout time.Duration
}

// minKey is how many characters a root key has at least: 32 random bytes have 44
// in base64.
const minKey = 40

func (r *reader) sharedStore(o *object, s *SharedStore) {
	o.text("redis", &s.Redis)
	if !o.has("redis") {
		r.problem(o.at("redis"), "", "is missing", "give the address of Redis, like rediss://redis.example.com:6379")
	}
	o.text("username", &s.Username)
	r.secret(o, "password", &s.Password)
	r.certificates(o, &s.CA)
	o.duration("timeout", &s.Timeout)
	o.flag("dangerouslyWithoutTLS", &s.DangerouslyWithoutTLS)
	o.done()
}

// keyFiles reads root keys: a file each, the current one first.
func (r *reader) keyFiles(o *object, into *[]Secret) {
	items, _ := o.list("keyFiles")
	for i, n := range items {
		path := o.item("keyFiles", i)
		var name string
		before := len(r.problems)
		r.text(path, n, &name)
		if len(r.problems) > before {
			continue
		}
		if s, ok := r.keyFile(path, name); ok {
			*into = append(*into, s)
		} else {
			r.bad["keyFiles"] = true // it is not missing besides
		}
	}
}

func (r *reader) keyFile(path, name string) (Secret, bool) {
	data, err := r.source.readFile(r.source.resolve(name))
	text, badText := plainText(data)
	s := withoutLineEnd(text)
	switch {
	case name == "":
		r.problem(path, "", "names no file", "name one")
	case errors.Is(err, fs.ErrNotExist):
		r.problem(path, shownName(name), "does not exist", "names are relative to the directory of the settings file")
	case err != nil:
		r.problem(path, shownName(name), "cannot be read: "+reason(err).Error(), "let the user that runs vitrine read it")
	case len(data) > maxSecret:
		r.problem(path, name, fmt.Sprintf("has %d bytes, more than %d", len(data), maxSecret), "is this the right file?")
	case badText != nil:
		reason, fix := reasonAndFix(badText)
		r.problem(path, name, reason, fix)
	case unfit(s) != "":
		r.problem(path, name, unfit(s)+", so it holds no key", "make one with: openssl rand -base64 32")
	case len(s) < minKey:
		r.problem(path, name, fmt.Sprintf("holds no key: it has fewer than %d characters", minKey), "make one with: openssl rand -base64 32")
	default:
		r.noteOpen(path, name)
		return Secret(s), true
	}
	return "", false
}

var redisPath = regexp.MustCompile(`^/?$|^/\d{1,3}$`)

func (v *checker) sharedStore(c *Config) {
	if len(c.Keys) > 2 {
		v.problem("keyFiles[2]", "", "is a third key", "keep two: the current and the previous")
	}
	for i, k := range c.Keys {
		if len(k.Reveal()) < minKey {
			v.problem("keyFiles", "", "holds a key that is too short", "make keys with: openssl rand -base64 32")
		}
		if slices.Index(c.Keys, k) < i {
			v.problem("keyFiles", "", "names the same key twice", "name it once; a second key is for the time in which keys are changed")
		}
	}
	s := &c.SharedStore
	if s.Redis == "" {
		return
	}
	v.redis("sharedStore.redis", s.Redis, s.DangerouslyWithoutTLS)
	if s.Username != "" && s.Password == "" {
		v.problem("sharedStore.username", s.Username, "has no password", "name a file that holds it as sharedStore.passwordFile")
	}
	within(v, "sharedStore.timeout", s.Timeout, 50*time.Millisecond, 10*time.Second)
	if len(c.Keys) == 0 {
		v.problem("keyFiles", "", "is missing: without a key that all replicas have, none could read the sessions of another",
			"name a file that holds a key, made with: openssl rand -base64 32")
	}
}

// redis checks the address of Redis; plain accepts one without TLS.
func (v *checker) redis(path, raw string, plain bool) {
	shown := presentable(raw)
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		v.problem(path, shown, "is not the address of a Redis", "write it like rediss://redis.example.com:6379")
	case u.User != nil:
		v.problem(path, shown, "holds a user name or a password", "write them as sharedStore.username and sharedStore.passwordFile")
	case !validPort(u):
		v.problem(path, shown, "has a port that is not a number from 1 to 65535", "leave it out for 6379")
	case !redisPath.MatchString(u.Path) || u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		v.problem(path, shown, "has something behind the port that is no database number", "end it after the port, or with a number like /1")
	case u.Scheme == "rediss", u.Scheme == "redis" && (plain || isLoopback(u.Hostname())):
	case u.Scheme == "redis":
		v.problem(path, shown, "is without TLS, which is accepted for loopback addresses only", "use rediss"+dangerously("sharedStore"))
	default:
		v.problem(path, shown, "has a scheme that is not rediss", suggest.Or(u.Scheme, []string{"rediss"}, "use rediss"))
	}
}
