//go:build unix

package bench

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// asker sends requests as the clients of a bench do.
type asker struct{ client *http.Client }

// newAsker returns an asker that takes answers as they are or, with gzip, compressed ones. The stub
// compresses nothing: of all sides only Vitrine pays for it.
func newAsker(gzip bool) *asker {
	transport := newBenchTransport()
	transport.DisableCompression = !gzip
	return &asker{&http.Client{Transport: transport}}
}

// get reads an address and returns the body.
func (a *asker) get(address, token string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if token != "" {
		r.Header.Set("X-Tableau-Auth", token)
		r.Header.Set("Accept", "application/json")
	}
	return a.send(r)
}

// post sends JSON and returns the body of the answer.
func (a *asker) post(address string, body any, token string) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return a.send(r)
}

func (a *asker) send(r *http.Request) ([]byte, error) {
	res, err := a.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	var answer bytes.Buffer
	answer.Grow(int(max(res.ContentLength, 4096)))
	if _, err := answer.ReadFrom(res.Body); err != nil {
		return nil, err
	}
	head := answer.Bytes()[:min(answer.Len(), 20)]
	if res.StatusCode != http.StatusOK || bytes.HasPrefix(head, []byte(`{"errors"`)) {
		return nil, fmt.Errorf("%s: %.300s", res.Status, answer.Bytes())
	}
	return answer.Bytes(), nil
}

// signIn opens a session of Tableau at an address, for the calls that the proxy is asked for.
func (a *asker) signIn(base, user string) (token string, err error) {
	claims := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"sub":%q}`, user))
	answer, err := a.post(base+"/api/"+stubVersion+"/auth/signin", map[string]any{"credentials": map[string]any{
		"jwt": "e30." + claims + ".", "site": map[string]string{"contentUrl": ""},
	}}, "")
	if err != nil {
		return "", err
	}
	var grant struct{ Credentials struct{ Token string } }
	err = json.Unmarshal(answer, &grant)
	return grant.Credentials.Token, err
}

// askREST asks for REST answers as the best client of the REST API can: those of one step side by
// side. Nobody decodes them.
func (a *asker) askREST(base, token string, steps [][]string) (int, error) {
	size := 0
	for _, step := range steps {
		sizes, errs := make([]int, len(step)), make([]error, len(step))
		one := func(i int) {
			answer, err := a.get(base+"/api/"+stubVersion+"/sites/"+luid("site", 0)+"/"+step[i], token)
			sizes[i], errs[i] = len(answer), err
		}
		if len(step) == 1 {
			one(0)
		} else {
			var wg sync.WaitGroup
			for i := range step {
				wg.Go(func() { one(i) })
			}
			wg.Wait()
		}
		if err := errors.Join(errs...); err != nil {
			return 0, err
		}
		for _, n := range sizes {
			size += n
		}
	}
	return size, nil
}

// sameData compares the data of two answers, whatever the order of members.
func sameData(a, b []byte) error {
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		return err
	}
	one, _ := json.Marshal(x.(map[string]any)["data"]) // what was read can be written
	other, _ := json.Marshal(y.(map[string]any)["data"])
	if bytes.Equal(one, other) {
		return nil
	}
	at := 0
	for at < min(len(one), len(other)) && one[at] == other[at] {
		at++
	}
	return fmt.Errorf("answers differ: %.200s\nand %.200s", one[max(0, at-50):], other[max(0, at-50):])
}

// taken is what asking took in one round.
type taken struct {
	requests, size int
	whole          time.Duration
	each           []time.Duration // sorted
}

// sideBySide lets so many clients ask, each one request after the other, until the end of the
// window and at least once.
func sideBySide(clients int, window time.Duration, ask func(client int) (int, error)) (t taken, err error) {
	runtime.GC() // of the one who asks: not in the window
	began := time.Now()
	end := began.Add(window)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			for first := true; first || time.Now().Before(end); first = false {
				sent := time.Now()
				n, failed := ask(client)
				took := time.Since(sent) // real time: a benchmark prints it
				mu.Lock()
				t.requests, t.size, t.each = t.requests+1, t.size+n, append(t.each, took)
				err = errors.Join(err, failed)
				stop := err != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	wg.Wait()
	t.whole = time.Since(began) // real time: a benchmark prints it
	slices.Sort(t.each)
	if err != nil {
		err = errors.New(strings.SplitN(err.Error(), "\n", 2)[0])
	}
	return t, err
}
