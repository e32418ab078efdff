// Package wire writes and reads HTTP as Tableau's REST API does. It knows no resource.
//
// A handler builds a tree of [Element] values, and [AppendJSON] or [AppendXML] writes it: Tableau
// maps one to the other. [Negotiate] chooses the form from the headers, [DecodeBody] reads a
// request, [Paginate] cuts a page out of a list, and [Error] is a refusal with Tableau's code.
//
// Read element.go first: it explains the mapping.
package wire
