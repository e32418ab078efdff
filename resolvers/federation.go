package resolvers

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/exec"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/policy"
	"vitrine/internal/tableau"
)

// SubgraphSchema is the contract with the members of a subgraph of Apollo Federation 2.
var SubgraphSchema = sync.OnceValue(func() *ast.Schema {
	schema, err := policy.Federate(Schema(), nodeInterface)
	if err != nil {
		panic(err) // the members are a constant
	}
	return schema
})

// nodeInterface is the interface of what has a global id. Such objects are entities.
const nodeInterface = "Node"

// maxEntities bounds how many entities one field looks up. Gateways ask for all entities of an
// answer at once, so it is more than maxNodes.
const maxEntities = 1000

// service is the value of _service.
type service struct{}

// federated adds the fields that gateways ask for.
func (r *Resolver) federated(types *exec.Types) *exec.Types {
	node := types.Abstract(nodeInterface)
	const representations = "representations"
	query := []exec.Field{
		{
			Name: policy.ServiceField, Type: policy.ServiceType, NonNull: true, Method: true, Plain: true,
			Value: func(context.Context, any, map[string]any) (any, error) { return &service{}, nil },
		},
		{
			Name: policy.EntitiesField, Type: policy.EntityUnion, List: true, NonNull: true, Method: true, Resolver: true,
			Args: func(ctx context.Context, raw map[string]any) (map[string]any, error) {
				in, args := exec.NewInput(ctx, raw), make(map[string]any, 1)
				exec.Arg(in, args, representations, func(ctx context.Context, v any) ([]any, error) {
					return exec.ReadList(ctx, v, false, func(_ context.Context, v any) (any, error) { return v, nil })
				})
				return args, in.Err()
			},
			Value: func(ctx context.Context, _ any, args map[string]any) (any, error) {
				return exec.Every(r.entities(ctx, args[representations].([]any)))
			},
			Items: exec.Interfaces[tableau.Node],
		},
	}
	sdl := exec.Field{
		Name: "sdl", NonNull: true, Method: true, Resolver: true,
		Value: func(ctx context.Context, _ any, _ map[string]any) (any, error) {
			return exec.Any(operationFrom(ctx).View.SubgraphSDL(), nil)
		},
		Write: func(w *exec.Writer, v any) bool { return w.String(v.(string)) },
	}
	return types.Extend(query,
		[]*exec.Object{{Name: policy.ServiceType, Implements: []string{policy.ServiceType}, Fields: []exec.Field{sdl}}},
		[]*exec.Abstract{{Name: policy.EntityUnion, Of: node.Of, Objects: node.Objects}})
}

// entities are the objects that a gateway refers to, in the order of the representations; null with an
// error for each that cannot be had.
func (r *Resolver) entities(ctx context.Context, representations []any) ([]tableau.Node, error) {
	if len(representations) > maxEntities {
		return nil, graphqlhttp.InputError(fmt.Sprintf("representations has %d items: %d at most", len(representations), maxEntities))
	}
	return nodesTogether(ctx, len(representations), func(i int) (tableau.Node, error) { return r.entity(ctx, representations[i]) })
}

// entity looks a representation up. A type that the caller's schema lacks is answered as one that does
// not exist. Members beside the key are ignored: no field here needs them.
func (r *Resolver) entity(ctx context.Context, representation any) (tableau.Node, error) {
	object, ok := representation.(map[string]any)
	if !ok {
		return nil, graphqlhttp.InputError("a representation is an object with __typename and id")
	}
	typ, ok := object["__typename"].(string)
	if !ok {
		return nil, graphqlhttp.InputError("a representation has the name of its type as __typename")
	}
	id, ok := object["id"].(string)
	if !ok {
		return nil, graphqlhttp.InputError("a representation has its global id as id, which is a string")
	}
	kind, _, _, err := tableau.ParseGlobalID(id)
	union := operationFrom(ctx).View.Schema.Types[policy.EntityUnion]
	if err != nil || kind != typ || union == nil || !slices.Contains(union.Types, typ) {
		return nil, errNotFound
	}
	return r.node(ctx, id)
}
