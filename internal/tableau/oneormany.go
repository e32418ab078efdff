package tableau

import (
	"bytes"
	"encoding/json"
)

// oneOrMany is a repeated element that stands in no container of its own: JSON has an array of them, or the single one as it is.
type oneOrMany[T any] []*T

// UnmarshalJSON takes an array, a single object, and for none null or an empty text.
func (m *oneOrMany[T]) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) > 0 && data[0] == '[':
		return json.Unmarshal(data, (*[]*T)(m))
	case len(data) > 0 && data[0] == '{':
		var one T
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*m = oneOrMany[T]{&one}
	}
	return nil
}
