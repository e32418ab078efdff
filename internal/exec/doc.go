// Package exec executes GraphQL queries breadth first. It knows no schema: package graph has the
// generated types ([Types]), with a function for each field.
//
// gqlgen's own executor resolves one object after the other, each field with a context, a closure
// and often a goroutine. This one resolves a field for all its objects before it goes deeper:
//
//	Compile   document -> Plan      once for a document: which fields of which types, in order
//	resolve   Plan -> columns       for each request: the objects of each place of the answer
//	write     columns -> pieces     one walk, depth first, into pooled buffers
//
// A column is the objects of one type at one place of the answer: the owners of all workbooks of a
// list. For each field of a column that has to be resolved there is a cell with the values, and
// the columns of the objects among them. Lists are flat: a cell has the items of all lists, and
// where each list begins. An interface or a union gives one column for each object type.
//
// Fields are of three kinds, which the generator finds from the Go types:
//
//   - Leaves (Field.Leaf) are scalars that are read from a struct, or from a method without a
//     context. They are read while the answer is written, and take no memory before.
//   - Plain fields (Field.Plain) give objects without a call.
//   - All others are methods of resolvers, or methods with a context. Those of several columns run
//     side by side. Those of one column are called one after the other until one waits for Tableau:
//     then the next object gets a goroutine of its own (fanOut, Options.Waiting). So objects that
//     need no call cost no goroutine, and those that need one each are read in parallel.
//
// Resolvers see what gqlgen shows them: graphql.GetFieldContext with the field, its arguments and
// its parents. There is one such context for a column, so it has no places in lists. The context of
// an error is built for it, with the whole path (contextAt).
//
// A null in place of a value that must not be null removes the object around it: the writer
// goes back to where the object began. A panic of a resolver is the error of one object. A panic of a leaf
// ends the walk; the answer is then written once more, with each leaf recovered by itself.
//
// graph/oracle has gqlgen's executor for the same schema. TestAnswersAreThoseOfTheOracle compares
// the answers to random documents byte for byte, with nulls, errors and panics in random places.
//
// What is generated comes from internal/exec/generate, a plugin of gqlgen: `make generate`.
package exec
