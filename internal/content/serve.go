package content

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"vitrine/internal/problem"
	"vitrine/internal/tableau"
)

// Refusal is the error that a browser gets instead of content.
type Refusal struct {
	Status        int
	Code, Message string
	RetryAfter    time.Duration
}

// notFound is the one answer to every invalid link: it reveals no reason.
var notFound = Refusal{Status: http.StatusNotFound, Code: problem.CodeNotFound}

// busy is the answer to fetches that find no place.
var busy = Refusal{
	Status: http.StatusTooManyRequests, Code: problem.CodeRateLimited, RetryAfter: time.Second,
	Message: "Too many fetches of your content are under way. Ask again in a moment.",
}

const (
	// longest is how long a body may take in all. Readers who take it too slowly are
	// internal/edge's to cut off.
	longest = time.Hour
	// part is how much is read at a time.
	part = 32 << 10
)

var parts = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, part) }}

// ServeHTTP serves what is behind /content/{link}.
func (s *Links) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	guard(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		s.refuse(w, r, Refusal{Status: http.StatusMethodNotAllowed, Code: problem.CodeMethodNotAllowed, Message: "Content is read with GET or HEAD."})
		return
	}
	l, err := s.admit(r)
	if l != nil {
		s.Observe(r.Context(), slog.String("issuer", l.Issuer), slog.String("subject", l.Subject), slog.String("user", l.Username),
			slog.Any("sites", []string{l.Site}), slog.Any("roles", l.Roles), slog.String("field", l.Field))
	}
	if err != nil {
		s.Observe(r.Context(), slog.String("refused", notFound.Code), slog.String("reason", err.Error()))
		s.refuse(w, r, notFound)
		return
	}
	if s.Fetching != nil {
		r = s.Fetching(r)
	}
	s.fetch(w, r, l)
}

// guard is what every answer carries: whatever comes from Tableau does nothing on this server's
// origin.
func guard(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

// admit opens the link of a request. Who says who they are must be who asked for it, and still have
// the field.
func (s *Links) admit(r *http.Request) (*linkPayload, error) {
	l, err := s.open(r.Context(), strings.TrimPrefix(r.URL.Path, "/content/"))
	if err != nil || len(r.Header.Values("Authorization")) == 0 {
		return l, err
	}
	id, err := s.Identify(r)
	switch {
	case err != nil:
		return l, fmt.Errorf("the header Authorization is not good: %w", err)
	case !l.is(id):
		return l, errors.New("the header Authorization is of somebody else")
	case !s.Allowed(r.Context(), s.Roles(id), l.Site, l.Field):
		return l, errors.New("the person's roles do not have the field any more")
	}
	return l, nil
}

// fetch asks Tableau in the person's own session and hands on what comes.
func (s *Links) fetch(w http.ResponseWriter, r *http.Request, l *linkPayload) {
	ctx, cancel := context.WithTimeout(r.Context(), longest)
	defer cancel()

	who := readerKey{l.Issuer, l.Subject}
	leave, err := s.readers.enter(ctx, who, l.behind())
	if err != nil {
		s.Observe(r.Context(), slog.String("refused", busy.Code), slog.String("reason", err.Error()))
		s.refuse(w, r, busy)
		return
	}
	defer leave()
	begun := false
	session, err := s.Sessions.Session(ctx, l.identity(), l.Site)
	if err == nil {
		err = session.Stream(ctx, l.Export, func(body *tableau.Stream) (err error) {
			begun, err = s.send(w, r, l, body)
			return err
		})
	}
	switch {
	case err == nil:
	case begun:
		s.Observe(r.Context(), slog.String("cut", err.Error()))
		panic(http.ErrAbortHandler) // what came is not whole, and must not look as if it were
	case l.Export.Kind == tableau.ViewCSV && tableau.HasCode(err, noData), l.Export.Kind == tableau.CustomViewCSV && tableau.HasCode(err, noData):
		_, _ = s.send(w, r, l, &tableau.Stream{Reader: strings.NewReader("")})
	default:
		s.fail(w, r, err)
	}
}

// noData is Tableau's code for a view without data: an empty table.
const noData = "400083"

// send writes headers of ours and the body as it comes; begun says whether anything was written.
func (s *Links) send(w http.ResponseWriter, r *http.Request, l *linkPayload, body *tableau.Stream) (begun bool, err error) {
	in, _ := parts.Get().(*bufio.Reader)
	in.Reset(body)
	defer func() {
		in.Reset(nil)
		parts.Put(in)
	}()
	beginning, err := in.Peek(len(zipped))
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	s.announce(w.Header(), l, forms[l.Export.Kind].detect(l.Export, beginning), body.Length)
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return true, nil
	}
	who := readerKey{l.Issuer, l.Subject}
	reader := &pace{hasWaiting: func() bool { return s.readers.hasWaiting(who) }, cut: func() {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0)) // not where there is no connection, as in tests
	}}
	defer s.readers.sending(who, reader)()
	return true, copyParts(w, in, reader)
}

// copyParts hands on what comes as it comes.
func copyParts(w http.ResponseWriter, in *bufio.Reader, p *pace) error {
	for {
		chunk, err := in.Peek(max(1, in.Buffered()))
		if len(chunk) > 0 {
			if err := p.write(w, chunk); err != nil {
				return err
			}
			_, _ = in.Discard(len(chunk)) // it is there
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *Links) announce(h http.Header, l *linkPayload, f form, length int64) {
	left := max(0, l.Ends-s.Now().Unix())
	h.Del("X-Frame-Options") // a front end elsewhere may show a PDF in a frame: there is nothing in it to be clicked on
	h.Set("Cache-Control", "private, max-age="+strconv.FormatInt(left, 10))
	h.Set("Content-Type", f.media)
	h.Set("Content-Disposition", disposition(f.as(l.As), fileName(l.Name, f.extension)))
	if f.media == mediaSVG {
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; sandbox")
	}
	if length >= 0 {
		h.Set("Content-Length", strconv.FormatInt(length, 10))
	}
}

// fail answers what Tableau or a sign-in has against it.
func (s *Links) fail(w http.ResponseWriter, r *http.Request, err error) {
	refusal := s.Public(r.Context(), err)
	s.Observe(r.Context(), slog.String("refused", refusal.Code), slog.String("reason", err.Error()))
	var answer *tableau.Error
	if errors.As(err, &answer) && answer.Code != "" {
		s.Observe(r.Context(), slog.String("tableauError", answer.Code))
	}
	if refusal.Status == http.StatusNotFound {
		refusal = notFound
	}
	s.refuse(w, r, refusal)
}

// refuse writes a refusal: a page where a browser opens the link, else the usual error body.
func (s *Links) refuse(w http.ResponseWriter, r *http.Request, refusal Refusal) {
	if navigates(r) {
		s.refusePage(w, r, refusal)
		return
	}
	problem.Write(w, r, problem.Error(refusal))
}
