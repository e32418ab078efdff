// Package vizql answers questions to the data of one data source as Tableau's VizQL Data Service
// does: it checks a request by the rules of a release, and groups, filters, sorts and cuts rows.
//
// The package knows no site and no person: who may ask, and which data source is meant, is decided
// by package tableausim. request.go holds the rules of requests, query.go the way of one query.
package vizql
