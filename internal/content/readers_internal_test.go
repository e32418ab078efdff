package content

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Forty slow readers of one link take a few places. The person's other links, and everybody else's,
// are served at once.
func TestSlowReadersOfOneLinkTakeFewPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReaders()
		ann, ben := readerKey{"i", "ann"}, readerKey{"i", "ben"}
		var mu sync.Mutex
		served, refused := 0, 0
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				leave, err := r.enter(t.Context(), ann, "/content/1")
				mu.Lock()
				defer mu.Unlock()
				if errors.Is(err, errBusy) {
					refused++
					return
				}
				served++
				wg.Go(func() { time.Sleep(time.Hour); leave() })
			})
		}
		synctest.Wait()
		began := time.Now()
		for _, c := range []struct {
			who  readerKey
			link string
		}{{ann, "/content/2"}, {ben, "/content/3"}} {
			leave, err := r.enter(t.Context(), c.who, c.link)
			if err != nil || time.Since(began) != 0 {
				t.Errorf("%v waited for %s: %v", c, time.Since(began), err)
				continue
			}
			leave()
		}
		wg.Wait()
		if served != perLink || refused != 40-perLink || len(r.people)+len(r.links)+len(r.waiting) != 0 {
			t.Errorf("%d served, %d refused, left %v %v %v", served, refused, r.people, r.links, r.waiting)
		}
	})
}

// One person has few fetches under way, however many links there are; those that wait are served
// when a place becomes free, and the number that waits is bounded.
func TestFetchesOfOnePersonAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReaders()
		var mu sync.Mutex
		now, most, served, refused := 0, 0, 0, 0
		var wg sync.WaitGroup
		for i := range perPerson + waitingPerPerson + 10 {
			wg.Go(func() {
				leave, err := r.enter(t.Context(), readerKey{"i", "ann"}, string(rune('a'+i)))
				mu.Lock()
				if err != nil {
					refused++
					mu.Unlock()
					return
				}
				served++
				now++
				most = max(most, now)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				now--
				mu.Unlock()
				leave()
			})
		}
		wg.Wait()
		if most != perPerson || served != perPerson+waitingPerPerson || refused != 10 {
			t.Errorf("%d at once, %d served, %d refused", most, served, refused)
		}
	})
}

// While others wait a slow reader is cut off; while nobody does it may take its time.
func TestLeastSpeedOfAReaderDependsOnHowManyWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate         int
		crowded, cut bool
	}{{40 << 10, false, false}, {40 << 10, true, true}, {1 << 20, true, false}} {
		p := &pace{hasWaiting: func() bool { return c.crowded }}
		var err error
		for n := 0; n < 50<<20 && err == nil; n += part {
			err = p.wrote(part, part*time.Second/time.Duration(c.rate))
		}
		if cut := errors.Is(err, errSlow); cut != c.cut {
			t.Errorf("%d bytes a second, crowded %v: cut off %v", c.rate, c.crowded, cut)
		}
	}
}
