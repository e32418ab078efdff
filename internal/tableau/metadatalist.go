package tableau

import "encoding/json"

// metadataList is a list in an answer of the Metadata API or of the VizQL Data Service. An item that
// cannot be read is left out and the loss is noted: what is right of an answer is used, and it never
// looks whole where it is not.
type metadataList[T any] struct {
	items []*T
	given bool // it is there, and a list
	lost  bool // something of it could not be read
}

// UnmarshalJSON takes anything.
func (l *metadataList[T]) UnmarshalJSON(data []byte) error {
	*l = metadataList[T]{}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		l.lost = true
		return nil
	}
	l.given = raw != nil
	for _, one := range raw {
		item := new(T)
		switch err := json.Unmarshal(one, item); {
		case string(one) == "null":
		case err != nil:
			l.lost = true
		default:
			l.items = append(l.items, item)
		}
	}
	return nil
}

// keep leaves out the items that are not usable, and notes the loss.
func (l *metadataList[T]) keep(usable func(*T) bool) {
	kept := l.items[:0]
	for _, item := range l.items {
		if usable(item) {
			kept = append(kept, item)
		} else {
			l.lost = true
		}
	}
	l.items = kept
}

// metadataObject is an object in such an answer. It is empty, and the loss is noted, if it cannot be
// read.
type metadataObject[T any] struct {
	value T
	lost  bool
}

// UnmarshalJSON takes anything.
func (o *metadataObject[T]) UnmarshalJSON(data []byte) error {
	*o = metadataObject[T]{}
	if json.Unmarshal(data, &o.value) != nil {
		*o = metadataObject[T]{lost: true}
	}
	return nil
}

// gapIf is the gap of an answer of which something could not be read.
func gapIf(lost bool) Gap {
	if lost {
		return GapBroken
	}
	return GapNone
}
