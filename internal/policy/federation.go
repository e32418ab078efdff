package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Names that the specification of Apollo Federation 2 gives to the members of a subgraph.
const (
	EntityUnion   = "_Entity"
	ServiceType   = "_Service"
	EntitiesField = "_entities"
	ServiceField  = "_service"
	anyScalar     = "_Any"
)

// entityKey is the field that identifies an entity. It is unique over all sites.
const entityKey = "id"

// representationsArgument is the argument of _entities.
const representationsArgument = "representations"

// shareable are the types that other subgraphs have too: their fields may come from any subgraph.
var shareable = []string{"PageInfo"}

// subgraphMembers are what a subgraph has beside its own schema. The union of entities is added to it.
const subgraphMembers = `
"A reference to an entity by a gateway: an object with __typename and id."
scalar _Any

"What a gateway needs to know of this server."
type _Service {
  "The schema of the caller's roles, with the directives of Apollo Federation 2."
  sdl: String!
}

extend type Query {
  "The schema of this server as a subgraph of Apollo Federation 2."
  _service: _Service! @area(name: ALWAYS) @cost(weight: 0)
  """
  Objects by global id, for gateways, in the order of the representations. Null with NOT_FOUND for each that is not
  available.
  """
  _entities(
    "Up to 1,000 objects with __typename and id."
    representations: [_Any!]!
  ): [_Entity]! @area(name: ALWAYS)
}
`

// subgraphLink declares the directives of federation that the SDL uses.
const subgraphLink = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])` + "\n\n"

// Federate returns a copy of a schema that has the members of a subgraph of Apollo Federation 2. The
// entities are the objects that implement an interface. It shares all other types with the schema.
func Federate(schema *ast.Schema, entities string) (*ast.Schema, error) {
	var names []string
	for _, def := range schema.GetPossibleTypes(schema.Types[entities]) {
		if def.Kind == ast.Object {
			names = append(names, def.Name)
		}
	}
	slices.Sort(names)
	source := subgraphMembers + "\n\"An object that other subgraphs can refer to.\"\nunion _Entity = " + strings.Join(names, " | ")
	doc, err := parser.ParseSchema(&ast.Source{Name: "subgraph.graphqls", Input: source})
	if err != nil {
		return nil, err
	}
	federated := *schema
	federated.Types, federated.PossibleTypes, federated.Implements = maps.Clone(schema.Types), maps.Clone(schema.PossibleTypes), maps.Clone(schema.Implements)
	for _, def := range doc.Definitions {
		federated.Types[def.Name] = def
	}
	for _, name := range names {
		federated.PossibleTypes[EntityUnion] = append(federated.PossibleTypes[EntityUnion], schema.Types[name])
		federated.Implements[name] = append(slices.Clone(schema.Implements[name]), federated.Types[EntityUnion])
	}
	query := *schema.Query
	query.Fields = slices.Concat(schema.Query.Fields, doc.Extensions[0].Fields)
	federated.Query, federated.Types[query.Name] = &query, &query
	return &federated, nil
}

// isEntity reports whether a definition, which may be pruned, is an entity of the whole schema and
// has its key.
func (x *index) isEntity(def *ast.Definition) bool {
	union := x.schema.Types[EntityUnion]
	return def != nil && union != nil && slices.Contains(union.Types, def.Name) && def.Fields.ForName(entityKey) != nil
}

// dropKeyless takes entities without a key out of the union of entities.
func (p *pruner) dropKeyless() {
	def := p.types[EntityUnion]
	if def == nil {
		return
	}
	before := len(def.Types)
	def.Types = slices.DeleteFunc(def.Types, func(name string) bool { return !p.index.isEntity(p.types[name]) })
	p.changed = p.changed || len(def.Types) < before
}

// dropService takes the schema's own text out of a schema whose callers may not ask for it.
func dropService(types map[string]*ast.Definition, query string) {
	delete(types, ServiceType)
	types[query].Fields = slices.DeleteFunc(types[query].Fields, func(f *ast.FieldDefinition) bool { return f.Name == ServiceField })
}

// subgraphText is a definition as a gateway reads it: without the members of federation, and with its
// directives.
func (x *index) subgraphText(def *ast.Definition, keyed bool) string {
	switch {
	case def.Name == EntityUnion || def.Name == ServiceType || def.Name == anyScalar:
		return ""
	case def.Name == x.schema.Query.Name:
		own := *def
		own.Fields = slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool {
			return f.Name == ServiceField || f.Name == EntitiesField
		})
		return definitionText(&own)
	case keyed && x.isEntity(def):
		return textWith(def, &ast.Directive{Name: "key", Arguments: ast.ArgumentList{
			{Name: "fields", Value: &ast.Value{Kind: ast.StringValue, Raw: entityKey}},
		}})
	case slices.Contains(shareable, def.Name):
		return textWith(def, &ast.Directive{Name: "shareable"})
	default:
		return definitionText(def)
	}
}

func textWith(def *ast.Definition, directive *ast.Directive) string {
	with := *def
	with.Directives = append(slices.Clone(def.Directives), directive)
	return definitionText(&with)
}

// SubgraphSDL returns the schema as text for the composition of a supergraph; empty where the whole
// schema is no subgraph.
func (v *View) SubgraphSDL() string { return strings.Join(v.subgraph, "") }

// subgraphBytes is the length of SubgraphSDL as a text of JSON.
func (c *compiled) subgraphBytes() int {
	n := 0
	for _, text := range c.subgraph {
		n += len(text)
	}
	return n + n/8
}
