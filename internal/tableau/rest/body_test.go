package rest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

type pooledAnswer struct {
	Envelope
	Things struct {
		Items []*struct {
			ID   LUID   `json:"id"`
			Name string `json:"name"`
		} `json:"thing"`
	} `json:"things"`
}

func readThings(t *testing.T, c *Client) (*pooledAnswer, error) {
	t.Helper()
	var a pooledAnswer
	r := &request{method: http.MethodGet, template: "serverinfo", path: []string{"serverinfo"}, version: "3.27", class: Open}
	err := c.send(t.Context(), r, &a)
	return &a, err
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGzipIsUndone holds that answers in gzip are decoded, and that one that is broken, or larger
// than it may be once it is undone, is an error.
func TestGzipIsUndone(t *testing.T) {
	t.Parallel()
	const one = `{"things":{"thing":[{"id":"a","name":"A"}]}}`
	whole := gzipped(t, one)
	tests := []struct {
		name, body string
		want       string // in the error
	}{
		{"whole", whole, ""},
		{"in two members", gzipped(t, one[:20]) + gzipped(t, one[20:]), ""},
		{"cut", whole[:len(whole)-12], "broke off"},
		{"other checksum", whole[:len(whole)-6] + "xx" + whole[len(whole)-4:], "broke off"},
		{"not gzip", one, "broke off"},
		{"garbage behind it", whole + "garbage behind it", "broke off"},
		{"nothing", "", "empty"},
		{"bomb", gzipped(t, strings.Repeat(" ", 1<<20)), "larger"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := serve(t, func(r *http.Request) reply {
				if got := r.Header.Get("Accept-Encoding"); got != "gzip" {
					t.Errorf("Accept-Encoding %q", got)
				}
				return reply{header: map[string]string{"Content-Encoding": "gzip"}, body: tt.body}
			})
			c := client(t, Config{URL: u.URL, APIVersion: "3.27", MaxBody: 1 << 16})
			for range 3 { // also with what the answer before left in the pools
				a, err := readThings(t, c)
				if tt.want == "" && (err != nil || len(a.Things.Items) != 1 || a.Things.Items[0].Name != "A") {
					t.Errorf("%+v, error %v", a, err)
				}
				if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("error %v, want %q in it", err, tt.want)
				}
			}
		})
	}
}

// TestAnswersDoNotShareTheirBodies holds that what was decoded stays as it is while other answers
// use the buffer of its body.
func TestAnswersDoNotShareTheirBodies(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	count := 0
	u := serve(t, func(*http.Request) reply {
		mu.Lock()
		defer mu.Unlock()
		count++
		text := fmt.Sprintf(`{"things":{"thing":[{"id":"id-%[1]d","name":"name %[1]d"},{"id":"id-%[1]d","name":"été\n%[1]d"}]}}`, count)
		if count%3 == 0 {
			text = fmt.Sprintf(`{"things":{"thing":{"id":"id-%[1]d","name":"name %[1]d"}}}`, count) // unusual
		}
		if count%2 == 0 {
			return reply{header: map[string]string{"Content-Encoding": "gzip"}, body: gzipped(t, text)}
		}
		return reply{body: text}
	})
	c := u.client(t)
	var answers []*pooledAnswer
	for range 30 {
		a, err := readThings(t, c)
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	for i, a := range answers {
		want := fmt.Sprintf("%d", i+1)
		for _, item := range a.Things.Items {
			if string(item.ID) != "id-"+want || item.Name != "name "+want && item.Name != "été\n"+want {
				t.Errorf("answer %d: %+v", i, item)
			}
		}
	}
}
