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

// selfNested is a list whose container and items have the same name, flowRuns/flowRuns say. JSON may have the list without the
// container, and a single item without the array.
type selfNested[T any] []*T

// UnmarshalJSON takes {"flowRuns": […]}, what stands in it alone, and for none null or an empty text.
func (m *selfNested[T]) UnmarshalJSON(data []byte) error {
	var container map[string]json.RawMessage
	if json.Unmarshal(data, &container) != nil {
		return (*oneOrMany[T])(m).UnmarshalJSON(data)
	}
	for _, name := range selfNestedNames {
		if inner, ok := container[name]; ok && container["id"] == nil {
			return (*oneOrMany[T])(m).UnmarshalJSON(inner)
		}
	}
	if container["id"] == nil {
		return nil
	}
	return (*oneOrMany[T])(m).UnmarshalJSON(data)
}

var selfNestedNames = []string{"flowRuns", "linkedTasks", "linkedTaskSteps"}
