package graphqlhttp

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vitrine/internal/exec"
	"vitrine/internal/policy"
)

// write writes a text many times, as an executor does.
func (a *answer) write(n int, text string) {
	w := exec.NewWriter(a.grow)
	for range n {
		_, _ = w.WriteString(text)
		w.Next()
	}
	a.pieces, _ = w.Finish()
}

func TestRoomOfAnAnswerIsTakenAsItIsWritten(t *testing.T) {
	t.Parallel()
	for n, text := range map[int]string{0: "", 3: "a", 100_000: "texts of some length,", 1: strings.Repeat("x", 3<<20)} {
		a := &answer{ctx: t.Context(), most: 10 << 20, room: newByteRoom(10 << 20)}
		a.write(n, text)
		want := strings.Repeat(text, n)
		if got := bytes.Join(a.pieces, nil); string(got) != want || a.over() != nil {
			t.Errorf("%d bytes, want %d; %v", len(got), len(want), a.over())
		}
		if a.room.taken < len(want)-roomStep || a.room.taken > len(want)+3*roomStep {
			t.Errorf("room for %d bytes is taken, for %d", a.room.taken, len(want))
		}
		if a.drop(); a.room.taken != 0 {
			t.Errorf("room for %d bytes is still taken", a.room.taken)
		}
	}
}

func TestNoMoreIsKeptOfAnAnswerThanIsAllowed(t *testing.T) {
	t.Parallel()
	for n, text := range map[int]string{1_000_000: "texts", 1: strings.Repeat("x", 2<<20)} {
		a := &answer{ctx: t.Context(), most: 1 << 20, room: newByteRoom(4 << 20)}
		a.write(n, text)
		var large *LimitError
		if err := a.over(); !errors.As(err, &large) || len(a.pieces) > 0 || a.room.taken != 0 || !strings.Contains(err.Error(), "limits.answerBytes") {
			t.Errorf("%d texts: %v, %d pieces", n, err, len(a.pieces))
		}
	}
	a := &answer{most: 1000, room: newByteRoom(4 << 20)}
	if err := errors.Join(a.made(500), a.made(500)); err != nil {
		t.Error(err)
	}
	if err := a.made(1); err == nil || a.over() == nil {
		t.Error("more was made than is allowed")
	}
}

// Who finds no room for the bytes of an answer gives up the room that its fields have.
func TestRefusedAnswersKeepNoRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &engine{Config: Config{Deadline: time.Minute, MaxFields: 1000}, gate: newGate(10_000), bytes: newByteRoom(1 << 20)}
		if err := e.bytes.take(t.Context(), &answer{}, 2<<20); err != nil {
			t.Fatal(err)
		}
		p := &prepared{price: policy.Price{Fields: 1000, Values: 1 << 20}, answer: &answer{most: 4 << 20, room: e.bytes}}
		header := http.Header{}
		if refused := e.admit(t.Context(), header, p); refused == nil || refused.status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
			t.Errorf("%+v, %v", refused, header)
		}
		if e.gate.taken != 0 || len(e.bytes.waiting) > 0 || e.bytes.taken != 2<<20 {
			t.Errorf("%d fields and %d bytes are taken", e.gate.taken, e.bytes.taken)
		}
	})
}

// Answers that together have no room wait for each other; one of them always goes on, and who waits
// too long gives up what it has.
func TestAnswersThatWaitForRoomAreFinishedInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		room := newByteRoom(4 << 20)
		type outcome struct {
			answer *answer
			err    error
		}
		done := make(chan outcome, 8)
		for range 8 {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				a := &answer{ctx: ctx, most: 3 << 20, room: room}
				a.write(2<<20/100, strings.Repeat("x", 100))
				done <- outcome{a, a.over()}
			}()
		}
		for i := range 8 {
			got := <-done
			if got.err != nil {
				t.Fatalf("answer %d: %v", i, got.err)
			}
			room.mu.Lock()
			if room.taken > room.most+3<<20 {
				t.Errorf("%d bytes are taken", room.taken)
			}
			room.mu.Unlock()
			time.Sleep(time.Second) // it is sent
			got.answer.drop()
		}
		room.mu.Lock()
		if room.taken != 0 || room.beyond != nil || len(room.waiting) > 0 {
			t.Errorf("%d bytes are taken, %d wait", room.taken, len(room.waiting))
		}
		room.mu.Unlock()
		first, second := &answer{}, &answer{}
		if err := room.take(t.Context(), first, 5<<20); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := room.take(ctx, second, 1); !errors.Is(err, errNoRoom) {
			t.Errorf("there was room: %v", err)
		}
	})
}
