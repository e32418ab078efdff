package tableausim

import "vitrine/internal/tableausim/wire"

func errForbidden() *wire.Error {
	return wire.Fail("403004", "The user is not allowed to perform this operation on the resource.")
}

func errNotFound(code, kind, id string) *wire.Error {
	return wire.Fail(code, "%s '%s' could not be found.", kind, id)
}

func errUnknownResource(path string) *wire.Error {
	return wire.Fail("404003", "Unknown resource '%s' specified in URI.", path)
}
