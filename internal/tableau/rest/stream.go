package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"time"
)

// Stream is a body of Tableau's on its way. Of the answer's headers nothing else is known: what a
// body is, is ours to say.
type Stream struct {
	io.Reader
	Length int64 // in bytes; -1 where Tableau does not say
}

// ReadStream reads a body as it arrives, so that a file of any size takes no more memory than a
// part of it. The session is renewed once, and a read that failed for a moment is sent again, as
// long as nothing of a body has come. The function to is called once with the body, which is cut
// off when to returns; the read keeps its place among the long-running ones for placeTime. Where
// the body breaks off, the Reader of the Stream gives an error and so does readStream: what came is
// not whole.
func (s *Reader) ReadStream(ctx context.Context, r SiteRead, to func(*Stream) error) error {
	begun, broken := false, error(nil)
	err := s.renewing(ctx, r, func(ctx context.Context, req *request) error {
		req.accept = "*/*"
		err := s.client.streamOnce(ctx, req, func(body *Stream) error {
			begun = true
			return to(body)
		})
		if begun { // neither gate nor session may send it again
			broken = err
			return nil
		}
		return err
	})
	if err == nil {
		err = broken
	}
	return err
}

// ReadBytes reads a body of up to most bytes as a whole. A longer one is a *TooLargeError. Equal
// reads of one operation are sent once.
func (s *Reader) ReadBytes(ctx context.Context, r SiteRead, most int64) ([]byte, error) {
	asked := s.op.asked()
	v, shared, err := s.reads.Do(ctx, fmt.Sprintf("%d bytes of %s", most, r.Key()), func() (any, error) {
		var b bytes.Buffer
		err := s.ReadStream(ctx, r, func(body *Stream) error {
			if body.Length > most {
				return &TooLargeError{Most: most}
			}
			b.Grow(int(min(max(body.Length, 0), maxAhead)) + bytes.MinRead)
			n, err := b.ReadFrom(io.LimitReader(body, most+1))
			if err == nil && n > most {
				err = &TooLargeError{Most: most}
			}
			return err
		})
		return b.Bytes(), err
	})
	if shared {
		s.op.savedOne(r, asked, err)
	}
	if err != nil {
		return nil, err
	}
	return v.([]byte), nil
}

// TooLargeError says that content is larger than it may be here.
type TooLargeError struct{ Most int64 }

// Error says how much would have been taken.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the content is larger than %d bytes", e.Most)
}

// streamOnce sends a request and hands the body of its answer on. What Tableau has against it is
// read whole, within bounds.
func (c *Client) streamOnce(ctx context.Context, r *request, to func(*Stream) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(c.rendering, func() { cancel(errStalled) })
	defer watch.Stop()
	req, err := c.build(ctx, r)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return c.streamError(ctx, r, err)
	}
	defer func() { _ = res.Body.Close() }()
	watch.Reset(c.stall)
	if res.StatusCode >= 300 {
		var body bytes.Buffer
		if err := readBody(&body, res, maxFault); err != nil {
			return c.streamError(ctx, r, err)
		}
		return errorAnswer(r, res, body.Bytes(), c.now())
	}
	if err := checkWhole(r, res); err != nil {
		return &Error{Kind: Malformed, Call: r.name(), Status: res.StatusCode, Err: err}
	}
	if media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); media == "text/html" {
		return &Error{Kind: Malformed, Call: r.name(), Status: res.StatusCode, Err: errHTML} // a page of something before Tableau
	}
	place := time.AfterFunc(placeTime, func() { leavePlace(ctx) })
	defer place.Stop()
	return to(&Stream{Length: res.ContentLength, Reader: &moving{
		r: res.Body, watch: watch, stall: c.stall, failed: func(err error) error { return c.streamError(ctx, r, err) },
	}})
}

// placeTime is how long a body that has begun keeps its place among the reads under way. Tableau
// has rendered it then, and a reader who takes it slowly must not keep others out.
const placeTime = 5 * time.Second

// maxFault bounds what is read of an answer that says no.
const maxFault = 256 << 10

var errStalled = errors.New("nothing came for too long")

// streamError is transportError for what may have been given up because it made no progress.
func (c *Client) streamError(ctx context.Context, r *request, err error) error {
	e := c.transportError(ctx, r, err)
	if errors.Is(context.Cause(ctx), errStalled) {
		e.Kind, e.Err = Timeout, errStalled
	}
	return e
}

// moving is a body that is given up when it makes no progress. The time that is spent on what was
// read does not count.
type moving struct {
	r      io.Reader
	watch  *time.Timer
	stall  time.Duration
	failed func(error) error
}

// Read implements io.Reader.
func (m *moving) Read(p []byte) (int, error) {
	m.watch.Reset(m.stall)
	n, err := m.r.Read(p)
	m.watch.Stop()
	if err != nil && err != io.EOF { //nolint:errorlint // readers give io.EOF itself
		err = m.failed(err)
	}
	return n, err
}
