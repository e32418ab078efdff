package program

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"vitrine/internal/tableausim"
)

// Whatever the schema takes as input, a value of 150 kB in its place is refused or answered in a
// few bytes, and not repeated. Every argument of Query and Site and every field of their inputs is
// tried: what is added later is tried too. (OWASP API Security Top 10 2023, API4 Unrestricted
// Resource Consumption.)
func TestHugeValuesAreNotRepeated(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, nil)
	handler, err := p.App.Routes()
	if err != nil {
		t.Fatal(err)
	}
	token := p.Token(t, "carol")
	s := schemaOf{t, p, token, map[string][]map[string]any{}}
	huge := strings.Repeat("x", 150_000)
	tried := 0
	var trials sync.WaitGroup
	defer trials.Wait()
	places := make(chan struct{}, 8) // most of the time goes by in waiting: for what fails upstream to be sent again
	one := func(query string, v any) {
		got := strike(handler, variables(query, marshalled(t, map[string]any{"v": v}))(token))
		if got.Code == http.StatusInternalServerError || got.Body.Len() > attackBytes || strings.Contains(got.Body.String(), huge[:3000]) {
			t.Errorf("%s: %d, %d bytes: %.300s", query, got.Code, got.Body.Len(), got.Body)
		}
	}
	try := func(declared, field string, value any) {
		for _, v := range []any{value, fmt.Sprint(value)} {
			query := fmt.Sprintf("query($v: %s) { %s }", declared, field)
			tried++
			places <- struct{}{}
			trials.Go(func() {
				defer func() { <-places }()
				one(query, v)
			})
		}
	}
	for _, owner := range []string{"Query", "Site"} {
		for _, field := range s.fields(owner) {
			for _, argument := range under(field, "args") {
				kind := spelledType(argument["type"])
				call := fmt.Sprintf("%s(%s: $v)%s", field["name"], argument["name"], s.selection(field["type"]))
				if owner == "Site" {
					call = "site { " + call + " }"
				}
				for _, value := range s.values(argument["type"], huge, 3) {
					try(kind, call, value)
				}
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d values were tried: the test sees too little", tried)
	}
}

// schemaOf reads the schema by introspection.
type schemaOf struct {
	t      *testing.T
	p      *program
	token  string
	inputs map[string][]map[string]any // fields of input types that were asked for
}

const typeOf = `type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`

func (s schemaOf) fields(owner string) []map[string]any {
	got := s.p.Post(s.t, s.token, fmt.Sprintf(`{ __type(name: %q) { fields { name `+typeOf+` args { name `+typeOf+` } } } }`, owner))
	return under(got.Data, "__type", "fields")
}

func (s schemaOf) inputFields(name string) []map[string]any {
	if _, known := s.inputs[name]; !known {
		got := s.p.Post(s.t, s.token, fmt.Sprintf(`{ __type(name: %q) { inputFields { name `+typeOf+` } } }`, name))
		s.inputs[name] = under(got.Data, "__type", "inputFields")
	}
	return s.inputs[name]
}

// spelledType is a type as a document writes it.
func spelledType(v any) string {
	typ, _ := v.(map[string]any)
	switch typ["kind"] {
	case "NON_NULL":
		return spelledType(typ["ofType"]) + "!"
	case "LIST":
		return "[" + spelledType(typ["ofType"]) + "]"
	}
	return fmt.Sprint(typ["name"])
}

func named(v any) map[string]any {
	typ, _ := v.(map[string]any)
	for typ["ofType"] != nil {
		typ, _ = typ["ofType"].(map[string]any)
	}
	return typ
}

func (s schemaOf) selection(v any) string {
	switch named(v)["kind"] {
	case "OBJECT", "INTERFACE", "UNION":
		return " { __typename }"
	}
	return ""
}

// values are values of a type with something huge in each place, one at a time.
func (s schemaOf) values(v any, huge string, depth int) (values []any) {
	typ, _ := v.(map[string]any)
	switch typ["kind"] {
	case "NON_NULL":
		return s.values(typ["ofType"], huge, depth)
	case "LIST":
		for _, item := range s.values(typ["ofType"], huge, depth) {
			values = append(values, []any{item})
		}
		return values
	case "INPUT_OBJECT":
		if depth == 0 {
			return nil
		}
		for _, field := range s.inputFields(fmt.Sprint(typ["name"])) {
			for _, value := range s.values(field["type"], huge, depth-1) {
				values = append(values, map[string]any{fmt.Sprint(field["name"]): value})
			}
		}
		return append(values, map[string]any{huge: 1})
	}
	return []any{huge}
}
