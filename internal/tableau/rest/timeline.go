package rest

import "time"

// TimedCall is a call of an operation. Start counts from the beginning of the operation.
type TimedCall struct {
	Name     string        // method and path template, never values: GET sites/{site}/workbooks
	Start    time.Duration // when a resolver asked for it
	Wait     time.Duration // for a place, or for another read of the same
	Duration time.Duration // from the request to the end of the response
	Retried  bool          // it repeats one that failed temporarily
	Shared   bool          // another read of the same answered it: nothing was sent
	Failed   bool
}

// maxTimeline bounds the calls that a timeline has.
const maxTimeline = 500

// timeline collects the calls of one operation. [Operation.mu] guards calls.
type timeline struct {
	began time.Time
	calls []TimedCall
}

// RecordTimeline has the operation record when each call was made. It is called before the first
// read.
func (o *Operation) RecordTimeline() { o.timeline = &timeline{began: time.Now()} }

// Timeline returns the first 500 calls in the order in which they ended; nil unless they were
// recorded.
func (o *Operation) Timeline() []TimedCall {
	if o.timeline == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]TimedCall{}, o.timeline.calls...)
}

// asked is the time at which a call is asked for; zero if the operation records none.
func (o *Operation) asked() time.Time {
	if o == nil || o.timeline == nil {
		return time.Time{}
	}
	return time.Now()
}

// ended records a try that was asked for and left at these times, and ends now.
func (o *Operation) ended(r *request, asked, left time.Time, again bool, err error) {
	if o == nil || o.timeline == nil {
		return
	}
	if !again && !r.asked.IsZero() {
		asked = r.asked // it waited for a place of the operation too
	}
	o.record(TimedCall{
		Name: r.name(), Start: asked.Sub(o.timeline.began), Wait: left.Sub(asked), Duration: time.Since(left), Retried: again, Failed: err != nil,
	})
}

// recordShared records a read that another read of the same answered.
func (o *Operation) recordShared(r SiteRead, asked time.Time, err error) {
	if asked.IsZero() {
		return
	}
	if m, unknown := r.method(); unknown == nil {
		name := m.Verb + " " + m.name
		o.record(TimedCall{Name: name, Start: asked.Sub(o.timeline.began), Wait: time.Since(asked), Shared: true, Failed: err != nil})
	}
}

func (o *Operation) record(c TimedCall) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.timeline.calls) < maxTimeline {
		o.timeline.calls = append(o.timeline.calls, c)
	}
}
