package documents

import (
	"container/list"
	"sync"
)

// Bounds of what callers may register: in all, and of one caller, whose own documents make room for
// a further one.
const (
	maxAutomatic      = 10_000
	maxAutomaticBytes = 8 << 20
	maxPerOwner       = 100
)

// Automatic keeps documents that callers have registered: automatic persisted queries. It is no list
// of trusted documents. The zero value is empty; nil keeps nothing.
type Automatic struct {
	mu     sync.Mutex
	byHash map[string]*list.Element // of *registered
	recent list.List                // the one that was used last in front
	owned  map[string]int
	bytes  int
}

type registered struct{ hash, text, owner string }

// Find returns the text of a hash.
func (a *Automatic) Find(hash string) (text string, ok bool) {
	if a == nil {
		return "", false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.byHash[hash]
	if e == nil {
		return "", false
	}
	a.recent.MoveToFront(e)
	return e.Value.(*registered).text, true
}

// Add keeps a text under its hash, which the caller has compared. What was not used for the longest
// time makes room: of the same owner, where that one has many, else of anyone.
func (a *Automatic) Add(hash, text, owner string) {
	if a == nil || len(text) > maxAutomaticBytes/10 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byHash == nil {
		a.byHash, a.owned = map[string]*list.Element{}, map[string]int{}
	}
	if e := a.byHash[hash]; e != nil {
		a.recent.MoveToFront(e)
		return
	}
	if a.owned[owner] >= maxPerOwner {
		for e := a.recent.Back(); e != nil; e = e.Prev() {
			if e.Value.(*registered).owner == owner {
				a.remove(e)
				break
			}
		}
	}
	for len(a.byHash) >= maxAutomatic || a.bytes+len(text) > maxAutomaticBytes {
		a.remove(a.recent.Back())
	}
	a.byHash[hash] = a.recent.PushFront(&registered{hash, text, owner})
	a.owned[owner]++
	a.bytes += len(text)
}

func (a *Automatic) remove(e *list.Element) {
	r := a.recent.Remove(e).(*registered)
	delete(a.byHash, r.hash)
	a.bytes -= len(r.text)
	if a.owned[r.owner]--; a.owned[r.owner] == 0 {
		delete(a.owned, r.owner)
	}
}
