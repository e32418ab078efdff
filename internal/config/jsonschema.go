package config

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// JSONSchema is the JSON schema of the settings file, for editors: `# yaml-language-server:
// $schema=…` in the first line of the file has them complete and check keys. What it accepts can
// still have problems: it knows no rules between settings.
func JSONSchema() []byte {
	root := newNode("object")
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "Settings of Vitrine"
	for _, s := range Settings() {
		root.place(strings.Split(s.Key, "."), s)
	}
	site := root.Properties.values["tableau"].Properties.values["sites"]
	object := site.Items
	for name, own := range object.Properties.values { // a site's own signIn has the keys of tableau.signIn
		if own.Type == "object" {
			object.Properties.values[name] = &schemaNode{Description: own.Description, Ref: "#/properties/tableau/properties/" + name}
		}
	}
	site.Items = &schemaNode{AnyOf: []*schemaNode{{Type: "string"}, object}}
	for _, key := range []string{"cache", "gallery"} { // known, though this version refuses most of them
		if root.Properties.values[key] == nil {
			root.Properties.set(key, &schemaNode{Type: "object", Description: "Belongs to a later version."})
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(root) // texts, numbers and objects of them always marshal
	return b.Bytes()
}

// schemaNode is one schema, with the keywords that are used here.
type schemaNode struct {
	Schema               string        `json:"$schema,omitempty"`
	Title                string        `json:"title,omitempty"`
	Ref                  string        `json:"$ref,omitempty"`
	Type                 string        `json:"type,omitempty"`
	Description          string        `json:"description,omitempty"`
	Default              any           `json:"default,omitempty"`
	Enum                 []string      `json:"enum,omitempty"`
	Pattern              string        `json:"pattern,omitempty"`
	Const                *int          `json:"const,omitempty"`
	Minimum              *int          `json:"minimum,omitempty"`
	Maximum              *int          `json:"maximum,omitempty"`
	AnyOf                []*schemaNode `json:"anyOf,omitempty"`
	Items                *schemaNode   `json:"items,omitempty"`
	Properties           *properties   `json:"properties,omitempty"`
	AdditionalProperties any           `json:"additionalProperties,omitempty"`
	Required             []string      `json:"required,omitempty"`
}

// properties are an object's, in the order of the reference.
type properties struct {
	order  []string
	values map[string]*schemaNode
}

func (p *properties) set(name string, n *schemaNode) {
	if p.values[name] == nil {
		p.order = append(p.order, name)
	}
	p.values[name] = n
}

// MarshalJSON keeps the order.
func (p *properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range p.order {
		if i > 0 {
			b.WriteByte(',')
		}
		key, _ := json.Marshal(name)
		value, err := json.Marshal(p.values[name])
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func newNode(kind string) *schemaNode {
	n := &schemaNode{Type: kind}
	if kind == "object" {
		n.Properties = &properties{values: map[string]*schemaNode{}}
		n.AdditionalProperties = false
	}
	return n
}

// place puts a setting where its path leads.
func (n *schemaNode) place(path []string, s Setting) {
	name, list := strings.CutSuffix(path[0], "[]")
	child := n.Properties.values[name]
	if len(path) == 1 {
		n.Properties.set(name, settingSchema(s))
		if s.Absent == required && !strings.HasPrefix(s.Key, "tableau.signIn") {
			n.Required = append(n.Required, name)
		}
		return
	}
	switch {
	case child == nil && list:
		child = newNode("array")
		n.Properties.set(name, child)
	case child == nil:
		child = newNode("object")
		n.Properties.set(name, child)
	}
	if list {
		if child.Items == nil || child.Items.Properties == nil {
			child.Items = newNode("object")
		}
		child = child.Items
	}
	child.place(path[1:], s)
}

// choices are the values of texts, and of items of lists, that have no others.
var choices = map[string][]string{
	"audit.output":          auditOutputs,
	"documents.mode":        documentModes,
	"forwardedHeader":       {"X-Forwarded-For", "Forwarded"},
	"log.format":            {"json", "text"},
	"log.level":             {"debug", "info", "warn", "error"},
	"oidc[].algorithms":     algorithms,
	"oidc[].tokenTypes":     tokenTypes,
	"roles[].documents":     documentModes,
	"tableau.signIn.method": {MethodConnectedApp, MethodUnifiedAccessToken, MethodPersonalAccessToken, MethodPassword},
	"tableau.signIn.trust":  {TrustDirect, TrustOAuth},
}

// durationForm is what package time reads, without a sign.
const durationForm = `^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$`

// link is a link in Markdown, of which editors get the text.
var link = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)

// settingSchema describes the value of one setting.
func settingSchema(s Setting) *schemaNode {
	n := &schemaNode{Description: link.ReplaceAllString(s.Text, "$1")}
	switch s.Type {
	case TypeText, TypeFile, TypeVariable:
		n.Type, n.Enum = "string", choices[s.Key]
	case TypeTexts, TypeFiles:
		n.Type, n.Items = "array", &schemaNode{Type: "string", Enum: choices[s.Key]}
	case TypeSites:
		n.Type, n.Items = "array", newNode("object")
	case TypeNumber:
		n.Type = "integer"
		n.bounds(s)
	case TypeDuration:
		n.Type, n.Pattern = "string", durationForm
	case TypeFlag:
		n.Type = "boolean"
	case TypeObject:
		n.Type, n.AdditionalProperties = "object", &schemaNode{Type: "string"}
	}
	n.Default = defaultOf(s)
	return n
}

// bounds are those of a number; 0 can mean that there is no limit.
func (n *schemaNode) bounds(s Setting) {
	least, most, ok := strings.Cut(s.Bounds, " to ")
	low, err := strconv.Atoi(least)
	high, err2 := strconv.Atoi(most)
	if !ok || err != nil || err2 != nil {
		return
	}
	if s.Default == "0" && low > 0 {
		n.Type = ""
		n.AnyOf = []*schemaNode{{Type: "integer", Const: new(int)}, {Type: "integer", Minimum: &low, Maximum: &high}}
		return
	}
	n.Minimum, n.Maximum = &low, &high
}

func defaultOf(s Setting) any {
	switch s.Type {
	case TypeNumber:
		if n, err := strconv.Atoi(s.Default); err == nil {
			return n
		}
	case TypeFlag:
		if s.Default != "" {
			return s.Default == "true"
		}
	case TypeText, TypeDuration:
		if s.Default != "" {
			return s.Default
		}
	}
	return nil
}
