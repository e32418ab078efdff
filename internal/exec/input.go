package exec

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// Reader reads a value of an input type.
type Reader[T any] func(ctx context.Context, v any) (T, error)

// Input is an input object, or the arguments of a field, that is read member by member. What comes
// after an error is not read.
type Input struct {
	ctx    context.Context
	values map[string]any
	err    error
}

// NewInput begins to read an input object, or arguments.
func NewInput(ctx context.Context, v any) *Input {
	values, _ := v.(map[string]any)
	return &Input{ctx: ctx, values: values}
}

// Err returns the first error.
func (in *Input) Err() error { return in.err }

// Member reads a member of an input object into a field; one that is not given leaves it alone.
func Member[T any](in *Input, name string, to *T, read Reader[T]) {
	v, given := in.values[name]
	if !given || in.err != nil {
		return
	}
	ctx := graphql.WithPathContext(in.ctx, graphql.NewPathWithField(name))
	*to, in.err = read(ctx, v)
}

// Default gives a member that is not given the default of the schema.
func Default(in *Input, name string, value any) {
	if _, given := in.values[name]; given {
		return
	}
	values := map[string]any{name: value}
	for k, v := range in.values {
		values[k] = v
	}
	in.values = values
}

// Arg reads an argument; one that is not given is the zero value.
func Arg[T any](in *Input, args map[string]any, name string, read Reader[T]) {
	var value T
	Member(in, name, &value, read)
	args[name] = value
}

// ReadPointer reads a value that may be null.
func ReadPointer[T any](ctx context.Context, v any, read Reader[T]) (*T, error) {
	if v == nil {
		return nil, nil
	}
	value, err := read(ctx, v)
	if err != nil {
		return nil, err
	}
	return &value, nil
}

// ReadList reads a list. One value is a list of one.
func ReadList[T any](ctx context.Context, v any, nullable bool, read Reader[T]) ([]T, error) {
	if v == nil && nullable {
		return nil, nil
	}
	values := graphql.CoerceList(v)
	list := make([]T, len(values))
	for i := range values {
		var err error
		if list[i], err = read(graphql.WithPathContext(ctx, graphql.NewPathWithIndex(i)), values[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// ReadWith reads a scalar with a function of gqlgen.
func ReadWith[T any](ctx context.Context, v any, read func(any) (T, error)) (T, error) {
	value, err := read(v)
	return value, graphql.ErrorOnPath(ctx, err)
}

// ReadScalar reads a scalar, or an enum, that knows how.
func ReadScalar[T any, P interface {
	*T
	UnmarshalGQL(any) error
}](ctx context.Context, v any,
) (T, error) {
	var value T
	err := P(&value).UnmarshalGQL(v)
	return value, graphql.ErrorOnPath(ctx, err)
}
