// Package tableau holds the nouns of Tableau and a client of its REST API that can only read.
//
// A [Client] signs people in and out; everything that is read hangs off a [Session], so nothing can be asked as nobody or as
// somebody else. One door (door.go) lets requests out: GET, and the two POSTs that open and close a session. Answers come as
// JSON or XML, whatever was asked for, and are decoded once, into the structs that GraphQL reads (decode.go).
//
// For the length of one operation (see [Operation]) a session sends each distinct GET once and bounds how many are under way.
// What a list read together (a [Set]) is also asked about together: the views of a hundred workbooks are one call, not a hundred.
//
// Source: Tableau's REST API reference, https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref.htm
package tableau
