// Package tableau has the resources of Tableau, such as workbooks and users, one file each, and a
// client of the REST API that can only read.
//
// A [Client] signs people in and out. All reads are methods of a [Session], so nothing can be read
// as nobody or as somebody else. Package rest sends the requests and decodes the answers into the
// structs that GraphQL reads; rest.go lists what the rest of the program uses of it.
//
// For the length of one [Operation] a session sends each distinct GET once and bounds how many are
// under way. Items that were read together (a [Batch]) are also completed together: the views of a
// hundred workbooks are one call, not a hundred.
//
// Source: Tableau's REST API reference,
// https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref.htm
package tableau
