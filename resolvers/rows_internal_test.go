package resolvers

import "vitrine/internal/tableau"

// rowsRequestFor is the body that a server of a version is sent.
func rowsRequestFor(q tableau.DataQuery, api string) ([]byte, error) {
	return tableau.RowsRequest("0b6e2a7c-55a0-4b9d-8f0a-3a1c1f9b7d01", q, 100, api)
}
