//go:build unix

// Package report prints what a process has used so far. make bench-compare adds it to the program
// of any revision, so it imports the standard library alone.
package report

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Profile names the environment variable with the beginning of the names of profiles. None are
// written without it.
const Profile = "VITRINE_BENCH_PROFILE"

// Report is what a process has used.
type Report struct {
	CPU            time.Duration // user and system, since it started
	Mallocs, Bytes uint64        // allocations, since it started
	Taken          uint64        // bytes that the runtime has from the system
	Peak           uint64        // largest resident set, in bytes; 0 where the system does not report it
}

// Own returns the report of this process.
func Own() Report {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it fails for wrong arguments alone
	}
	return Report{CPU: time.Duration(u.Utime.Nano() + u.Stime.Nano()), Mallocs: m.Mallocs, Bytes: m.TotalAlloc, Taken: m.Sys, Peak: peak()}
}

// peak reads VmHWM: getrusage would count what the process was before exec.
func peak() uint64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kB, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err == nil {
				return kB << 10
			}
		}
	}
	return 0
}

// Serve answers each line of in with a report, as JSON in one line, until in ends. Meanwhile it
// profiles the process if the environment says so. answer may be nil; it returns what to write
// instead of the plain report.
func Serve(in io.Reader, out io.Writer, answer func(Report) any) error {
	stop, err := profile(os.Getenv(Profile))
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var v any = Own()
		if answer != nil {
			v = answer(v.(Report))
		}
		if err := encoder.Encode(v); err != nil {
			return err
		}
	}
	return stop()
}

// profile writes name.cpu, name.allocs and name.mutex from now on until stop.
func profile(name string) (stop func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // G301: profiles hold no secret
		return nil, err
	}
	cpu, err := os.Create(name + ".cpu")
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, err
	}
	runtime.SetMutexProfileFraction(1)
	return func() error {
		pprof.StopCPUProfile()
		return errors.Join(write("allocs", name), write("mutex", name))
	}, nil
}

// write writes one of the profiles that the runtime collects.
func write(kind, name string) error {
	f, err := os.Create(name + "." + kind)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup(kind).WriteTo(f, 0), f.Close())
}
