package rest

import (
	"bytes"
	"encoding/json"
)

// JSONAnswer is the answer of an interface beside the REST API, as the server wrote it. Its caller
// decodes it: those interfaces have forms of their own.
type JSONAnswer struct {
	Envelope
	Raw json.RawMessage
}

// UnmarshalJSON takes in the answer, and an error in the REST API's form by itself: something in
// front of these interfaces may answer that.
func (a *JSONAnswer) UnmarshalJSON(data []byte) error {
	a.Raw = bytes.Clone(data)
	var wire struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(data, &wire) != nil || len(wire.Error) == 0 || wire.Error[0] != '{' {
		return nil // a list, or no such member
	}
	var e wireError
	if json.Unmarshal(wire.Error, &e) == nil && e.Code != "" {
		a.Error = &e
	}
	return nil
}
