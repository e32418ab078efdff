package content

import (
	"errors"
	"fmt"
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
		if served != perLink || refused != 40-perLink || len(r.people) != 0 {
			t.Errorf("%d served, %d refused, left %v", served, refused, r.people)
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

// Readers of two links who take all of a person's places, and all turns of those who wait, do not
// keep out a third link: it gets the next place, as it has none yet.
func TestLinksOfOnePersonTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReaders()
		ann := readerKey{"i", "ann"}
		var mu sync.Mutex
		var held []func()
		refused := 0
		for i := range 200 {
			go func() {
				leave, err := r.enter(t.Context(), ann, []string{"one", "two"}[i%2])
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					refused++
					return
				}
				held = append(held, leave)
			}()
		}
		synctest.Wait()
		if len(held) != perPerson || refused != 200-perPerson-waitingPerPerson {
			t.Fatalf("%d have places, %d are refused", len(held), refused)
		}
		var served []string
		for _, link := range []string{"three", "three", "four", "one"} {
			go func() {
				leave, err := r.enter(t.Context(), ann, link)
				if err != nil {
					return
				}
				mu.Lock()
				served = append(served, link)
				mu.Unlock()
				time.Sleep(time.Second)
				leave()
			}()
			synctest.Wait()
		}
		free := func() bool {
			mu.Lock()
			if len(held) == 0 {
				mu.Unlock()
				return false
			}
			leave := held[0]
			held = held[1:]
			mu.Unlock()
			leave()
			synctest.Wait()
			return true
		}
		for range 3 {
			free()
		}
		// All three come in at once: a link that has no place before one that has one.
		mu.Lock()
		got := fmt.Sprint(served)
		mu.Unlock()
		if got != "[three four three]" {
			t.Errorf("served: %s", got)
		}
		time.Sleep(2 * maxWait)
		for left := true; left; {
			left = free()
		}
		if len(r.people) != 0 {
			t.Errorf("left: %v", r.people[ann])
		}
	})
}

// stalled is a reader who takes nothing until it is cut off.
type stalled struct{ cut chan struct{} }

func (s stalled) Write([]byte) (int, error) {
	<-s.cut
	return 0, errors.New("the deadline has passed")
}

// A reader who is stalled within a write is cut off for those who wait, and for nobody else.
func TestStalledReadersAreCutOffForThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReaders()
		ann := readerKey{"i", "ann"}
		ended := make(chan error, perLink)
		began := time.Now()
		for range perLink {
			leave, err := r.enter(t.Context(), ann, "one")
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				defer leave()
				s := stalled{make(chan struct{})}
				p := &pace{hasWaiting: func() bool { return r.hasWaiting(ann) }, cut: func() { close(s.cut) }}
				defer r.sending(ann, p)()
				_ = p.wrote(100<<20, time.Second) // into buffers
				ended <- p.write(s, []byte("a chunk"))
			}()
		}
		time.Sleep(time.Minute)
		if len(ended) != 0 {
			t.Error("cut off though nobody waits")
		}
		leave, err := r.enter(t.Context(), ann, "one")
		if err != nil {
			t.Fatal(err)
		}
		leave()
		if waited := time.Since(began) - time.Minute; waited > lookEvery {
			t.Errorf("waited for %s", waited)
		}
		for range perLink {
			if err := <-ended; !errors.Is(err, errSlow) {
				t.Errorf("ended with %v", err)
			}
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
