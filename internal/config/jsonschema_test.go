package config_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"vitrine/internal/config"
)

// compiledSchema is the JSON schema of the settings file.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(config.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("settings.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("settings.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// accepts reports whether a schema accepts a tree.
func accepts(t *testing.T, schema *jsonschema.Schema, tree any) error {
	t.Helper()
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// TestJSONSchemaAcceptsFilesThatWork covers every key, because the walked files have each.
func TestJSONSchemaAcceptsFilesThatWork(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for _, w := range walkedFiles(t) {
		if err := accepts(t, schema, w.tree); err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
	}
}

// TestJSONSchemaRefusesTyposAndWrongTypes changes each key, and each value to one of another type.
func TestJSONSchemaRefusesTyposAndWrongTypes(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for _, w := range walkedFiles(t) {
		for _, p := range places(w.tree, nil) {
			if strings.HasPrefix(p.key(), "oidc[].authorizeParams.") {
				continue
			}
			if _, named := p.path[len(p.path)-1].(string); named && accepts(t, schema, w.with(t, p.path, nil, "zzzz")) == nil {
				t.Errorf("%s: %s may be called zzzz", w.name, p)
			}
			if accepts(t, schema, w.with(t, p.path, []any{[]any{1}}, "")) == nil {
				t.Errorf("%s: %s may be a list of lists", w.name, p)
			}
		}
	}
}

// TestJSONSchemaHasDefaultsAndBounds looks at one setting of each kind.
func TestJSONSchemaHasDefaultsAndBounds(t *testing.T) {
	t.Parallel()
	text := string(config.JSONSchema())
	for _, want := range []string{`"default": 2000`, `"minimum": 200`, `"default": "127.0.0.1:8080"`, `"enum": [`, `"const": 0`, `"default": true`} {
		if !strings.Contains(text, want) {
			t.Errorf("the schema lacks %s", want)
		}
	}
	for _, key := range []string{"limits.tokens", "log.format"} {
		if !slices.ContainsFunc(config.Settings(), func(s config.Setting) bool { return s.Key == key }) {
			t.Errorf("there is no setting %s", key)
		}
	}
}
