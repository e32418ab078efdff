package tableau

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
)

// List is the items of one of Tableau's containers, such as tags/tag. It forgives what answers are known to do: no container,
// null, an empty object, one object instead of an array, an array without the inner key. An element of any name counts.
type List[T any] []*T

// UnmarshalJSON takes {"tag":[…]}, {"tag":{…}}, […], {} and null.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	*l = nil
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return nil
	}
	switch data[0] {
	case '[':
		return json.Unmarshal(data, (*[]*T)(l))
	case '{':
		return l.unmarshalContainer(data)
	default: // null, or "" where an empty container was meant
		return nil
	}
}

func (l *List[T]) unmarshalContainer(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if key == "pagination" { // some servers put it inside the container
			continue
		}
		switch value[0] {
		case '[':
			var items []*T
			if err := json.Unmarshal(value, &items); err != nil {
				return err
			}
			*l = append(*l, items...)
		case '{':
			item := new(T)
			if err := json.Unmarshal(value, item); err != nil {
				return err
			}
			*l = append(*l, item)
		}
	}
	return nil
}

// UnmarshalXML takes every child element as an item.
func (l *List[T]) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	*l = nil
	for {
		token, err := d.Token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return io.ErrUnexpectedEOF
			}
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if t.Name.Local == "pagination" {
				if err := d.Skip(); err != nil {
					return err
				}
				continue
			}
			item := new(T)
			if err := d.DecodeElement(item, &t); err != nil {
				return err
			}
			*l = append(*l, item)
		}
	}
}
