package edge_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"vitrine/internal/edge"
)

// slowClient takes an answer at a rate, and notes the deadlines it was given.
type slowClient struct {
	*httptest.ResponseRecorder
	rate     int // bytes in a second
	deadline time.Time
	pieces   int
}

func (c *slowClient) SetWriteDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

func (c *slowClient) Write(p []byte) (int, error) {
	c.pieces++
	took := time.Duration(len(p)) * time.Second / time.Duration(c.rate)
	if left := time.Until(c.deadline); took > left {
		time.Sleep(left) // of the bubble's clock
		return 0, http.ErrHandlerTimeout
	}
	time.Sleep(took) // of the bubble's clock
	return len(p), nil
}

func TestSlowReadersAreCutOffByTheirRateNotByTheSizeOfTheAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		size, rate int
		pause      time.Duration // of the handler, between its two writes
		cut        bool
	}{
		{"a small answer at once", 1 << 10, 1 << 20, 0, false},
		{"a small answer to a slow client", 1 << 10, 100, 0, false},
		{"a small answer to a client that hardly reads", 1 << 10, 20, 0, true},
		{"a large answer at a good rate", 50 << 20, 1 << 20, 0, false},
		{"a large answer just fast enough", 50 << 20, 33 << 10, 0, false},
		{"a large answer too slowly", 50 << 20, 16 << 10, 0, true},
		{"a handler that waits", 1 << 20, 64 << 10, time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := &slowClient{ResponseRecorder: httptest.NewRecorder(), rate: c.rate}
				var failed error
				edge.New(edge.Config{}).Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					for range 2 {
						if failed == nil {
							_, failed = w.Write(make([]byte, c.size/2))
						}
						time.Sleep(c.pause)
					}
				})).ServeHTTP(client, httptest.NewRequest(http.MethodGet, "http://localhost/", nil))
				if (failed != nil) != c.cut {
					t.Errorf("cut off: %v, after %d pieces", failed, client.pieces)
				}
			})
		})
	}
}

// A handler that holds its answer in memory says until when all of it must be taken, at whatever
// rate.
func TestAnswersThatAreHeldAreTakenInTime(t *testing.T) {
	t.Parallel()
	for rate, cut := range map[int]bool{2 << 20: false, 1 << 20: true, 64 << 10: true} {
		synctest.Test(t, func(t *testing.T) {
			client := &slowClient{ResponseRecorder: httptest.NewRecorder(), rate: rate}
			var failed error
			began := time.Now()
			edge.New(edge.Config{}).Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(30 * time.Second)); err != nil {
					t.Error(err)
				}
				_, failed = w.Write(make([]byte, 50<<20))
			})).ServeHTTP(client, httptest.NewRequest(http.MethodGet, "http://localhost/", nil))
			if (failed != nil) != cut || time.Since(began) > 31*time.Second {
				t.Errorf("%d bytes a second: cut off: %v, after %s", rate, failed, time.Since(began))
			}
		})
	}
}

// An end that is set while a piece is written ends that write, on either version of HTTP.
func TestWritesUnderWayAreEnded(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := make(chan error, 1)
			server := httptest.NewUnstartedServer(edge.New(edge.Config{}).Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusOK)
				_ = http.NewResponseController(w).Flush()
				writing := make(chan struct{})
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					<-writing
					// real time: until the client's window is full; before that the end holds for the next piece
					time.Sleep(100 * time.Millisecond)
					// real time: it has passed already
					if err := http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0)); err != nil {
						t.Error(err)
					}
				}()
				close(writing)
				_, err := w.Write(make([]byte, 64<<20))
				<-ended
				failed <- err
			})))
			server.EnableHTTP2 = http2
			server.StartTLS()
			defer server.Close()
			res, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			if err := <-failed; err == nil || res.ProtoMajor == 2 != http2 {
				t.Errorf("%s: %v", res.Proto, err)
			}
		})
	}
}
