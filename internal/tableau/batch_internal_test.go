package tableau

import (
	"sync"
	"testing"
)

// TestOneListTakesTheItemsOfAnAnswer has several lists take the same answer at once: each has a batch
// of its own, and one of them the items themselves.
func TestOneListTakesTheItemsOfAnAnswer(t *testing.T) {
	t.Parallel()
	answer := []*View{{LUID: "a"}, {LUID: "b"}, {LUID: "c"}}
	joinAnswer(answer)
	if answer[0].readWith() != nil || len(batchItems(answer[0].batch, answer[0])) != 1 {
		t.Error("items are together before a list takes them")
	}
	workbook := &Workbook{LUID: "w"}
	lists := make([][]*View, 8)
	var wg sync.WaitGroup
	for i := range lists {
		wg.Go(func() {
			from := answer
			if i%2 == 0 {
				from = answer[:2]
			}
			lists[i] = batchViews([]*Workbook{workbook}, map[LUID][]*View{"w": from})["w"]
		})
	}
	wg.Wait()
	taken := 0
	for i, list := range lists {
		if want := 3 - (i+1)%2; len(list) != want {
			t.Fatalf("list %d has %d items, not %d", i, len(list), want)
		}
		if list[0] == answer[0] {
			taken++
		}
		for _, v := range list {
			if siblings := batchItems(v.batch, v); len(siblings) != len(list) || siblings[0] != list[0] || v.parent() != workbook {
				t.Errorf("list %d: %v is not a batch of its own", i, siblings)
			}
		}
	}
	if taken != 1 {
		t.Errorf("%d lists have the items of the answer", taken)
	}
}

// TestDuplicatesAreDropped holds that the first of equal items stays, and that the result of unique is
// the caller's.
func TestDuplicatesAreDropped(t *testing.T) {
	t.Parallel()
	a, b, again := &View{LUID: "a"}, &View{LUID: "b"}, &View{LUID: "a"}
	for _, items := range [][]*View{{a, b}, {a, again, b}, {a, b, again}, {a, again, again, b}} {
		got := unique(items)
		if len(got) != 2 || got[0] != a || got[1] != b || &got[0] == &items[0] {
			t.Errorf("%v became %v", items, got)
		}
	}
}
