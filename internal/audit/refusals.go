package audit

import (
	"net/http"
	"time"
)

// unknownPerMinute bounds the lines of refused requests whose caller is not known: anyone can send
// as many as they like, and must not fill the disk.
const unknownPerMinute = 600

// refusals counts the lines of one minute.
type refusals struct {
	began   time.Time
	lines   int
	skipped int    // since the last line that was written
	total   uint64 // of skipped ones
}

// admit reports whether a line is written. The next one that is has how many were not. The caller
// holds the lock of the log.
func (r *refusals) admit(line *Line) bool {
	if line.Issuer == "" && line.Status >= http.StatusBadRequest {
		if line.Time.Sub(r.began) >= time.Minute || line.Time.Before(r.began) {
			r.began, r.lines = line.Time, 0
		}
		if r.lines >= unknownPerMinute {
			r.skipped++
			r.total++
			return false
		}
		r.lines++
	}
	line.Skipped, r.skipped = r.skipped, 0
	return true
}

func (l *Log) admit(line *Line) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refusals.admit(line)
}

// Refused writes the line of a request that is answered before a route is chosen. That it cannot be
// written changes nothing: nothing was read.
func (l *Log) Refused(id, from, method string, status int) {
	_ = l.write(Line{
		Version: Version, Event: EventEdge, RequestID: id, From: from, Method: shortened(method), Status: status, Time: l.Now().UTC(),
	})
}

// Skipped returns how many lines of callers who are not known were not written.
func (l *Log) Skipped() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refusals.total
}
