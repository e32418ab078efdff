package graphqlhttp

import (
	"maps"
	"sync"
)

// Bounds of the bodies that are kept: of one, and of all of them.
const (
	maxKnownBody   = 8 << 10
	maxKnownBodies = 1 << 20
)

// knownBodies keeps what requests say by their bodies, byte for byte: a front end sends the same ones
// again and again. When it is full it is emptied. The zero value is empty.
type knownBodies struct {
	mu       sync.RWMutex
	requests map[string]*request
	bytes    int
}

// decode reads a body, which must not be used afterwards by what it returns.
func (k *knownBodies) decode(body []byte) (*request, *httpError) {
	k.mu.RLock()
	q := k.requests[string(body)]
	k.mu.RUnlock()
	if q == nil {
		var refused *httpError
		if q, refused = decodeRequest(body); refused != nil || len(body) > maxKnownBody {
			return q, refused
		}
		k.add(string(body), q)
	}
	own := *q // of this request: the document that it names is put into it
	own.Variables, own.Extensions = maps.Clone(q.Variables), maps.Clone(q.Extensions)
	return &own, nil
}

func (k *knownBodies) add(body string, q *request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.requests == nil || k.bytes+len(body) > maxKnownBodies {
		k.requests, k.bytes = map[string]*request{}, 0
	}
	if k.requests[body] == nil {
		k.bytes += len(body)
	}
	k.requests[body] = q
}
