// Package documents keeps trusted documents: GraphQL documents that clients name by an id instead of
// sending them. They come from manifests, which the tools of front ends write, and are read again
// when the files change.
package documents

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // G505: ids of GraphQL Code Generator are SHA-1 by default; they protect nothing
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Bounds of what manifests may hold.
const (
	MaxFileBytes = 16 << 20
	MaxDocuments = 20_000
	maxID        = 200
)

// Document is one document of a manifest.
type Document struct {
	ID   string // as the manifest has it
	Name string // of the operation; empty where the manifest does not name it
	Text string
}

// apolloFormat is what the manifests of Apollo's tools are recognized by.
const apolloFormat = "apollo-persisted-query-manifest"

// Parse reads a manifest in one of four forms:
//
//   - GraphQL Code Generator's client preset and Relay: an object of ids and texts.
//   - Apollo's persisted query manifest, version 1.
//   - Apollo's older operation output: an object of ids, each with name and source.
//
// The documents come sorted by id.
func Parse(data []byte) ([]Document, error) {
	if len(data) > MaxFileBytes {
		return nil, fmt.Errorf("it has more than %d bytes", MaxFileBytes)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, errors.New("it is not a JSON object")
	}
	var format string
	if json.Unmarshal(members["format"], &format) == nil && members["operations"] != nil {
		return parseApollo(data, format)
	}
	if len(members) > MaxDocuments {
		return nil, fmt.Errorf("it has more than %d documents", MaxDocuments)
	}
	var all []Document
	for _, id := range slices.Sorted(maps.Keys(members)) {
		d := Document{ID: id}
		var older struct{ Name, Source string }
		switch {
		case json.Unmarshal(members[id], &d.Text) == nil:
		case json.Unmarshal(members[id], &older) == nil && older.Source != "":
			d.Name, d.Text = older.Name, older.Source
		default:
			return nil, fmt.Errorf("the member %.80q is neither a document nor an object with name and source", id)
		}
		all = append(all, d)
	}
	return all, checkAll(all)
}

func parseApollo(data []byte, format string) ([]Document, error) {
	var manifest struct {
		Version    int
		Operations []struct{ ID, Name, Type, Body string }
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		return nil, fmt.Errorf("it is not a manifest of the format %.80q: %w", format, err)
	}
	if format != apolloFormat || manifest.Version != 1 {
		return nil, fmt.Errorf("its format is %.80q version %d: only %q version 1 is known", format, manifest.Version, apolloFormat)
	}
	if len(manifest.Operations) > MaxDocuments {
		return nil, fmt.Errorf("it has more than %d documents", MaxDocuments)
	}
	var all []Document
	for _, o := range manifest.Operations {
		if o.Type != "" && o.Type != "query" {
			return nil, fmt.Errorf("the operation %.80q is a %.80s: this server has queries only", o.Name, o.Type)
		}
		all = append(all, Document{ID: o.ID, Name: o.Name, Text: o.Body})
	}
	slices.SortStableFunc(all, func(a, b Document) int { return cmp.Compare(a.ID, b.ID) })
	return all, checkAll(all)
}

func checkAll(all []Document) error {
	if len(all) == 0 {
		return errors.New("it has no documents")
	}
	for i, d := range all {
		switch {
		case d.ID == "" || len(d.ID) > maxID:
			return fmt.Errorf("the id %.80q is empty or longer than %d characters", d.ID, maxID)
		case d.Text == "":
			return fmt.Errorf("the document %.80q is empty", d.ID)
		case i > 0 && all[i-1].ID == d.ID && all[i-1].Text != d.Text:
			return fmt.Errorf("the id %.80q has two documents", d.ID)
		}
	}
	return nil
}

// Hash returns the SHA-256 of a text in lower-case hexadecimal.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// mismatched reports whether an id looks like a hash of its document and is not one. That is legal,
// as ids are free, but rarely meant.
func (d Document) mismatched() bool {
	if _, err := hex.DecodeString(d.ID); err != nil {
		return false
	}
	switch len(d.ID) {
	case 2 * sha256.Size:
		return d.ID != Hash(d.Text)
	case 2 * sha1.Size:
		sum := sha1.Sum([]byte(d.Text)) //nolint:gosec // G401: see the import
		return d.ID != hex.EncodeToString(sum[:])
	}
	return false
}
