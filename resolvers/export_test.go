package resolvers

// What tests in package resolvers_test need of this package.
var (
	ReadBy   = readBy
	NeededBy = neededBy
)
