// Package rest is the one door to Tableau: no other package of the program sends a request there.
// Read it to check that Vitrine cannot change anything in Tableau, and that nobody's session is
// used for somebody else.
//
// Read in this order:
//
//   - methods.go: the table of methods. Only its rows leave the program: GETs, the two POSTs that open and close a session, and
//     two POSTs that only read. entry.go takes a row apart.
//   - door.go: every request passes its checks and is built there.
//   - client.go: [Client] signs in and out. It can read only the server's version and, to find whom to sign in, the users of a site.
//   - reader.go and renew.go: [Reader] reads with the session of one user ([Source]) and renews the session when it has ended.
//     [Get] sends each distinct read once in an [Operation].
//   - call.go: every request passes the [Gate], which bounds and repeats requests.
//   - errors.go: [Error] has a [Kind] by which callers decide; messages never hold secrets or values of a request.
//   - decode.go: [Decode] reads JSON and XML, and forgives odd members: shape.go (JSON by the Go type), xmlonce.go (XML), tidy.go (what
//     stands for nothing), charset.go (encodings), expected.go (missing containers), element.go (answers of no fixed form).
//   - scalars.go: [Secret], [LUID] and the other scalars.
//
// Package tableau has the resources, and is the only one that imports this package beside generated
// code.
package rest
