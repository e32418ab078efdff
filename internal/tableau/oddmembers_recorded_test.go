package tableau

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// recordedAnswers are recorded answers with the types that read them.
func recordedAnswers(tb testing.TB) map[string][]reflect.Type {
	tb.Helper()
	seeds := map[string][]reflect.Type{}
	files, _ := filepath.Glob(filepath.Join(os.Getenv("VITRINE_RECORDED"), "tsc", "*.xml"))
	made, err := filepath.Glob("../../test/recorded/testdata/recorded/made/*.xml")
	if err != nil || len(made) == 0 {
		tb.Fatalf("no answers made by hand: %v", err)
	}
	for _, file := range append(files, made...) {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		for _, typ := range answerTypes {
			if _, err := readAnswer(typ, text); err == nil {
				if body := asJSON(text, typ); body != nil {
					seeds[string(body)] = append(seeds[string(body)], typ)
				}
				seeds[string(text)] = append(seeds[string(text)], typ)
			}
		}
	}
	return seeds
}

// asJSON writes an XML answer as JSON, with lists where a type has them.
func asJSON(text []byte, typ reflect.Type) []byte {
	d := xml.NewDecoder(strings.NewReader(string(text)))
	for {
		token, err := d.Token()
		if err != nil {
			return nil
		}
		if start, ok := token.(xml.StartElement); ok {
			body, err := json.Marshal(elementJSON(d, start, typ))
			if err != nil {
				return nil
			}
			return body
		}
	}
}

// memberOf returns the type of a struct's member by its name in JSON, and whether the member is a
// list of that type; nil for none.
func memberOf(t reflect.Type, name string) (member reflect.Type, list bool) {
	if t == nil || t.Kind() != reflect.Struct {
		return nil, false
	}
	for field := range t.Fields() {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && tag == "" {
			if member, list := memberOf(field.Type, name); member != nil {
				return member, list
			}
			continue
		}
		if !strings.EqualFold(tag, name) {
			continue
		}
		typ := field.Type
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice && typ.Elem().Kind() != reflect.Uint8 {
			list = list || typ.Kind() == reflect.Slice
			typ = typ.Elem()
		}
		return typ, list
	}
	return nil, false
}

func elementJSON(d *xml.Decoder, start xml.StartElement, typ reflect.Type) any {
	object, text := map[string]any{}, ""
	for _, a := range start.Attr {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			object[a.Name.Local] = a.Value
		}
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) || err != nil {
			return object
		}
		switch token := token.(type) {
		case xml.StartElement:
			below, many := memberOf(typ, token.Name.Local)
			if many {
				list, _ := object[token.Name.Local].([]any)
				object[token.Name.Local] = append(list, elementJSON(d, token, below))
			} else {
				object[token.Name.Local] = elementJSON(d, token, below)
			}
		case xml.CharData:
			text += strings.TrimSpace(string(token))
		case xml.EndElement:
			if len(object) == 0 && text != "" {
				return text
			}
			if text != "" {
				object["value"] = text
			}
			return object
		}
	}
}
