package config

import "time"

// Cache keeps answers for a short time, each for the person who asked.
type Cache struct {
	// TTL is how long an answer is kept, up to 5 minutes; 0 for no cache.
	// Key: ttl. Default: 10s.
	TTL time.Duration
	// Bytes is how much memory the answers may take together, 1,000,000 to
	// 100,000,000,000. Key: bytes. Default: 64000000.
	Bytes int
}

func defaultCache() Cache { return Cache{TTL: 10 * time.Second, Bytes: 64_000_000} }

func (r *reader) cache(o *object, c *Cache) {
	o.duration("ttl", &c.TTL)
	o.number("bytes", &c.Bytes)
	o.done()
}

func (v *checker) cache(c *Cache) {
	within(v, "cache.ttl", c.TTL, 0, 5*time.Minute)
	within(v, "cache.bytes", c.Bytes, 1_000_000, 100_000_000_000)
}
