package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// maxDepth is how deep objects and lists in a token may nest.
const maxDepth = 32

var errJSON = errors.New("not a JSON object with distinct keys")

// object decodes a JSON object and refuses a key that comes twice at any level:
// which of the two counts is a matter of the parser, and another one reads the
// same bytes after us (RFC 7519, section 4; RFC 8725, section 2.4).
// Numbers stay json.Number.
func object(data []byte) (map[string]any, error) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return nil, errJSON
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := value(d, maxDepth)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errJSON
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errJSON
	}
	return m, nil
}

func value(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil || depth == 0 {
		return nil, errJSON
	}
	switch t {
	case json.Delim('{'):
		return members(d, depth-1)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := value(d, depth-1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, closing(d)
	}
	return t, nil
}

func members(d *json.Decoder, depth int) (map[string]any, error) {
	m := map[string]any{}
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return nil, errJSON
		}
		if _, twice := m[key]; twice {
			return nil, errJSON
		}
		if m[key], err = value(d, depth); err != nil {
			return nil, err
		}
	}
	return m, closing(d)
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return errJSON
	}
	return nil
}
