package rest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// listDecoder marks lists that decode themselves and are nevertheless lists of their items.
type listDecoder interface{ isList() }

// OneOrMany is a repeated element without a container of its own: JSON has an array of them, or the
// single one as it is.
type OneOrMany[T any] []*T

func (*OneOrMany[T]) isList() {}

// IsList marks it for package scan: its arrays are plain ones.
func (*OneOrMany[T]) IsList() {}

// UnmarshalJSON takes an array, a single object, and for none null or what is neither.
func (m *OneOrMany[T]) UnmarshalJSON(data []byte) error {
	var items []*T
	err := UnmarshalList(data, &items)
	*m = items
	return err
}

// UnmarshalList takes an array, a single item, and for none null.
func UnmarshalList[T any](data []byte, items *[]*T) error {
	if data = bytes.TrimSpace(data); bytes.Equal(data, []byte("null")) {
		return nil
	}
	return Unmarshal(data, items)
}

// SelfNested is a list whose container and items have the same name, flowRuns/flowRuns say. JSON
// may have the list without the container, and a single item without the array.
type SelfNested[T any] []*T

// UnmarshalJSON takes {"flowRuns": […]}, its content alone, and for an empty list null or what is
// neither.
func (m *SelfNested[T]) UnmarshalJSON(data []byte) error {
	var items []*T
	var container map[string]json.RawMessage
	if json.Unmarshal(data, &container) == nil {
		inner, ok := selfNestedIn(container)
		if !ok && !hasName(container, "id") {
			return nil
		}
		if ok {
			data = inner
		}
	}
	err := UnmarshalList(data, &items)
	*m = items
	return err
}

func selfNestedIn(container map[string]json.RawMessage) (json.RawMessage, bool) {
	if hasName(container, "id") {
		return nil, false
	}
	for _, name := range selfNestedNames {
		if inner, ok := container[name]; ok {
			return inner, true
		}
	}
	return nil, false
}

func hasName(object map[string]json.RawMessage, name string) bool {
	for n := range object {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

var selfNestedNames = []string{"flowRuns", "linkedTasks", "linkedTaskSteps"}
