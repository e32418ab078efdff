package graphqlhttp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"vitrine/internal/policy"
)

// texts are marshalers like gqlgen's, that write many small parts.
func textsOf(n int, text string) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		for range n {
			_, _ = io.WriteString(w, text)
			_, _ = w.Write([]byte(","))
		}
	})
}

func TestAnswersAreCollectedAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	a := &answer{ctx: t.Context(), most: 10 << 20, room: newByteRoom(10 << 20)}
	values := []graphql.Marshaler{textsOf(3, "a"), textsOf(100_000, "texts of some length"), graphql.Null, textsOf(0, ""), textsOf(1, strings.Repeat("x", 3<<20)), textsOf(700, "b")}
	var want, around bytes.Buffer
	for _, v := range values {
		want.WriteString(`"k":`)
		v.MarshalGQL(&want)
		around.WriteString(`"k":`)
		a.root(t.Context(), func(context.Context) graphql.Marshaler { return v }).MarshalGQL(&around)
	}
	want.WriteByte('}')
	around.WriteByte('}')
	if got := bytes.Join(a.body(around.Bytes()), nil); !bytes.Equal(got, want.Bytes()) || a.over() != nil {
		t.Errorf("%d bytes, want %d; %v", len(got), want.Len(), a.over())
	}
	if a.room.taken == 0 || a.room.taken > want.Len()+3*mostPiece {
		t.Errorf("room for %d bytes is taken, for %d", a.room.taken, want.Len())
	}
	if a.drop(); a.room.taken != 0 {
		t.Errorf("room for %d bytes is still taken", a.room.taken)
	}
}

func TestNoMoreIsKeptOfAnAnswerThanIsAllowed(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]graphql.Marshaler{"small texts": textsOf(1_000_000, "texts"), "one text": textsOf(1, strings.Repeat("x", 2<<20))} {
		a := &answer{ctx: t.Context(), most: 1 << 20, room: newByteRoom(4 << 20)}
		var around bytes.Buffer
		a.root(t.Context(), func(context.Context) graphql.Marshaler { return v }).MarshalGQL(&around)
		var large *LimitError
		if err := a.over(); !errors.As(err, &large) || len(a.pieces) > 0 || a.room.taken != 0 || !strings.Contains(err.Error(), "limits.answerBytes") {
			t.Errorf("%s: %v, %d pieces", name, err, len(a.pieces))
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
				var around bytes.Buffer
				a.root(ctx, func(context.Context) graphql.Marshaler { return textsOf(2<<20/100, strings.Repeat("x", 99)) }).MarshalGQL(&around)
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
