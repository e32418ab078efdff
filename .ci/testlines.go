// Testlines reads what `go test -json` prints and shows how far it is: a line for each package when
// it finishes, a line for each test when it fails, and once a minute the packages that still run.
// Everything else goes to the log, package by package.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// event is a line of `go test -json`; see go doc test2json and go doc buildjson.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Elapsed    float64
	Output     string
}

// progress is what has been read of each package that has not finished.
type progress struct {
	log     *bufio.Writer
	total   int
	done    int
	printed map[string]*strings.Builder
	began   map[string]time.Time
}

func main() {
	log := flag.String("log", "build/go-test.log", "file for everything that is printed")
	total := flag.Int("total", 0, "number of packages")
	flag.Parse()
	file, err := os.Create(*log)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	p := &progress{bufio.NewWriter(file), *total, 0, map[string]*strings.Builder{}, map[string]time.Time{}}
	lines := make(chan string)
	go func() {
		defer close(lines)
		in := bufio.NewReader(os.Stdin)
		for {
			line, err := in.ReadString('\n')
			if line != "" {
				lines <- line
			}
			if err != nil {
				return
			}
		}
	}()
	minute := time.NewTicker(time.Minute)
	for open := true; open; {
		var line string
		select {
		case line, open = <-lines:
			if open {
				p.take(line)
			}
		case <-minute.C:
			p.running()
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.printed)) { // broken off
		p.log.WriteString(p.printed[name].String())
	}
	p.log.Flush()
}

func (p *progress) take(line string) {
	var e event
	if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" { // not an event: an error of the go command
		fmt.Print(line)
		p.log.WriteString(line)
		return
	}
	switch {
	case e.Action == "build-output":
		fmt.Print(e.Output)
		p.log.WriteString(e.Output)
	case e.Action == "start":
		p.began[e.Package] = time.Now()
	case e.Action == "output":
		if p.printed[e.Package] == nil {
			p.printed[e.Package] = &strings.Builder{}
		}
		p.printed[e.Package].WriteString(e.Output)
	case e.Action == "fail" && e.Test != "":
		fmt.Printf("FAILED  %s in %s\n", e.Test, e.Package)
	case e.Test == "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
		p.finish(e)
	}
}

func (p *progress) finish(e event) {
	p.done++
	word := map[string]string{"pass": "ok", "fail": "FAILED", "skip": "no tests"}[e.Action]
	fmt.Printf("[%*d/%d] %-8s %7.1f s  %s\n", len(fmt.Sprint(p.total)), p.done, p.total, word, e.Elapsed, e.Package)
	if text := p.printed[e.Package]; text != nil {
		p.log.WriteString(text.String())
	}
	delete(p.printed, e.Package)
	delete(p.began, e.Package)
}

func (p *progress) running() {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(p.began)) {
		names = append(names, fmt.Sprintf("%s (%s)", name, time.Since(p.began[name]).Round(time.Second)))
	}
	if len(names) > 0 {
		fmt.Println("        still running:", strings.Join(names, ", "))
	}
}
