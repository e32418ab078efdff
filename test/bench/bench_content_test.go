//go:build unix

package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	benchFile   = 200 << 20 // bytes of the workbook that is downloaded
	benchImages = 50        // pictures under way at a time
	// benchGrowth is by how much either may make the server grow, at most: buffers, connections,
	// what the collector has not got round to.
	benchGrowth = 32 << 20
)

// BenchmarkContent prints what a large download and many pictures at a time do to the server's
// memory: it should stay as it is.
func BenchmarkContent(b *testing.B) {
	b.ReportMetric(0, "ns/op") // how long it all took says nothing
	standIns, err := startBenchProcess(benchTask{Role: roleStandIns, FileSize: benchFile})
	if err != nil {
		b.Fatal(err)
	}
	defer standIns.stop()
	settings, err := benchSettings(b.TempDir(), standIns.at, "")
	if err != nil {
		b.Fatal(err)
	}
	vitrine, err := startBenchProcess(benchTask{Role: roleVitrine, Servers: standIns.at, Settings: settings})
	if err != nil {
		b.Fatal(err)
	}
	defer vitrine.stop()
	bed := &contentBed{newAsker(false), standIns, vitrine}
	defer bed.client.CloseIdleConnections()

	images, file := bed.contentLinks(b)
	for range 3 { // everybody is signed in, and buffers have grown
		bed.fetch(b, images[0])
	}
	before := bed.memory(b)
	began := time.Now()
	if n := bed.fetch(b, file); n < benchFile {
		b.Fatalf("the file has %d bytes", n)
	}
	afterFile, took := bed.memory(b), time.Since(began) // real time: a benchmark prints it
	bytes := bed.fetchAll(b, images)
	afterImages := bed.memory(b)
	fmt.Printf("\n%-48s %10s %10s\n", "content through Vitrine", "memory", "growth")
	for _, line := range []struct {
		what          string
		memory, since uint64
	}{
		{"at rest", before, before},
		{fmt.Sprintf("a file of %d MB, %.0f MB/s", benchFile>>20, benchFile/(1<<20)/took.Seconds()), afterFile, before},
		{fmt.Sprintf("%d pictures at a time, %d kB", benchImages, bytes>>10), afterImages, afterFile},
	} {
		fmt.Printf("%-48s %7.1f MB %7.1f MB\n", line.what, megabytes(line.memory), megabytes(line.memory-line.since))
		if line.memory > line.since+benchGrowth {
			b.Errorf("%s: the server grew by %.1f MB", line.what, megabytes(line.memory-line.since))
		}
	}
}

func megabytes(n uint64) float64 { return float64(n) / (1 << 20) }

// contentBed is Vitrine in front of the stand-ins, which have large files.
type contentBed struct {
	*asker
	standIns, vitrine *benchProcess
}

// contentLinks asks for addresses of different pictures and of the file.
func (bed *contentBed) contentLinks(b *testing.B) (images []string, file string) {
	b.Helper()
	var query strings.Builder
	query.WriteString(`{ site(contentUrl: "") { view(by: {path: "Superstore/Overview"}) { workbook { download { url } }`)
	for i := range benchImages {
		_, _ = fmt.Fprintf(&query, " i%d: image(size: {width: %d, height: 900}) { url }", i, 1200+i)
	}
	query.WriteString(` } } }`)
	raw, err := bed.post(bed.vitrine.at.Vitrine+"/graphql", map[string]string{"query": query.String()}, bed.standIns.at.Tokens[0])
	if err != nil {
		b.Fatal(err)
	}
	var answer struct {
		Data struct {
			Site struct {
				View map[string]json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		b.Fatal(err)
	}
	type link struct{ URL string }
	var workbook struct{ Download link }
	if err := json.Unmarshal(answer.Data.Site.View["workbook"], &workbook); err != nil {
		b.Fatalf("%v: %.300s", err, raw)
	}
	for i := range benchImages {
		var l link
		if err := json.Unmarshal(answer.Data.Site.View[fmt.Sprintf("i%d", i)], &l); err != nil {
			b.Fatal(err)
		}
		images = append(images, l.URL)
	}
	return images, workbook.Download.URL
}

// fetch reads what is behind an address and gives its size.
func (bed *contentBed) fetch(b *testing.B, address string) int64 {
	b.Helper()
	res, err := bed.client.Get(address)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	n, err := io.Copy(io.Discard, res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.Errorf("status %d after %d bytes: %v", res.StatusCode, n, err)
	}
	return n
}

// fetchAll reads all at the same time.
func (bed *contentBed) fetchAll(b *testing.B, addresses []string) (bytes int64) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, address := range addresses {
		wg.Go(func() {
			n := bed.fetch(b, address)
			mu.Lock()
			defer mu.Unlock()
			bytes += n
		})
	}
	wg.Wait()
	return bytes
}

func (bed *contentBed) memory(b *testing.B) uint64 {
	b.Helper()
	r, err := bed.vitrine.report()
	if err != nil {
		b.Fatal(err)
	}
	return r.Taken
}
