package documents

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// How long a set is used before its files are looked at again, and the least time between two looks
// that ids which nobody knows cause.
const (
	lookAgain     = 5 * time.Second
	lookForMissed = time.Second
)

// set is what the manifests hold at one moment.
type set struct {
	byID   map[string]*Document // by id as listed, and by sha256: with the hash
	hashes map[string]bool      // of the texts
	count  int
}

// Store keeps the documents of some manifests. The zero value of a pointer, nil, has none.
type Store struct {
	files  []string
	check  func(text string) error
	now    func() time.Time
	logger *slog.Logger

	current atomic.Pointer[set]
	looked  atomic.Int64 // when, in nanoseconds

	mu        sync.Mutex    // held while files are read
	states    []os.FileInfo // what the files looked like when they were read
	complaint string
}

// Open reads manifests, which have to work at the start. check says what is wrong with the text of a
// document; it may be nil. now is time.Now outside tests.
func Open(files []string, check func(text string) error, now func() time.Time, logger *slog.Logger) (*Store, error) {
	if check == nil {
		check = func(string) error { return nil }
	}
	s := &Store{files: files, check: check, now: now, logger: logger}
	s.looked.Store(now().UnixNano())
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, nil
}

// Find returns the text that an id stands for. An id that nobody knows makes the store look whether
// its files have changed: a client may be newer than what was read.
func (s *Store) Find(id string) (text string, ok bool) {
	if s == nil {
		return "", false
	}
	if s.due(lookAgain) {
		go s.Reload() // this request need not wait
	}
	d := s.current.Load().byID[id]
	if d == nil && s.due(lookForMissed) {
		s.Reload()
		d = s.current.Load().byID[id]
	}
	if d == nil {
		return "", false
	}
	return d.Text, true
}

// Trusts reports whether a text is one of the documents, byte for byte.
func (s *Store) Trusts(text string) bool {
	if s == nil {
		return false
	}
	if s.due(lookAgain) {
		go s.Reload()
	}
	return s.current.Load().hashes[Hash(text)]
}

// due reports whether it is time to look at the files, to one caller only.
func (s *Store) due(after time.Duration) bool {
	last, now := s.looked.Load(), s.now().UnixNano()
	return now-last >= int64(after) && s.looked.CompareAndSwap(last, now)
}

// Reload reads the manifests again if their files have changed. Either all of them are taken over,
// at once for all requests, or nothing is and the log says why.
func (s *Store) Reload() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if states, err := statesOf(s.files); err == nil && s.complaint == "" && slices.EqualFunc(states, s.states, sameState) {
		return
	}
	before := s.current.Load()
	err := s.load()
	switch {
	case err != nil && err.Error() != s.complaint:
		s.complaint = err.Error()
		s.logger.Warn("the manifests of trusted documents cannot be read again, or do not work; the documents of before stay", "error", err.Error())
	case err == nil:
		s.complaint = ""
		s.logger.Info("trusted documents were read again", "documents", s.current.Load().count, "before", before.count)
	}
}

// sameState reports whether a file is as it was. A file that took its place may have the same size,
// and the same time where both were written within one tick of the file system's clock.
func sameState(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

func statesOf(files []string) ([]os.FileInfo, error) {
	states := make([]os.FileInfo, len(files))
	for i, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return nil, err
		}
		states[i] = info
	}
	return states, nil
}

// load reads all manifests and takes them over.
func (s *Store) load() error {
	states, err := statesOf(s.files) // before they are read: what is written meanwhile is noticed later
	if err != nil {
		return err
	}
	next := &set{byID: map[string]*Document{}, hashes: map[string]bool{}}
	for _, file := range s.files {
		all, err := read(file)
		if err == nil {
			err = s.add(next, all)
		}
		if err != nil {
			return fmt.Errorf("%q does not work: %w", file, err)
		}
		for _, d := range all {
			if d.mismatched() {
				s.logger.Warn("an id of a trusted document looks like a hash, but is not the hash of its document", "file", file, "id", d.ID)
				break // one says enough
			}
		}
	}
	s.states = states
	s.current.Store(next)
	return nil
}

// read reads one manifest.
func read(file string) ([]Document, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, errors.New("it cannot be read")
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	if err != nil {
		return nil, errors.New("it cannot be read")
	}
	return Parse(data)
}

// add checks documents and adds them to a set.
func (s *Store) add(to *set, all []Document) error {
	for _, d := range all {
		if err := s.check(d.Text); err != nil {
			return fmt.Errorf("the document %.80q: %w", d.ID, err)
		}
		hash := Hash(d.Text)
		for _, id := range []string{d.ID, "sha256:" + hash} {
			if there := to.byID[id]; there != nil && there.Text != d.Text {
				return fmt.Errorf("the id %.80q has two documents", id)
			}
			to.byID[id] = &d
		}
		to.hashes[hash] = true
	}
	to.count = len(to.hashes)
	return nil
}
