package tableausim

import "vitrine/internal/tableausim/vizql"

// SourceData is the data behind a data source: what the answers to queries are computed from.
type SourceData struct {
	Captions []string
	Types    []string // STRING, INTEGER, REAL, BOOLEAN, DATE or DATETIME
	Rows     [][]any  // nil is null
}

// SourceData returns the columns and rows of a data source by the content URL of its site and its
// name, without what is computed from them.
func (s *Server) SourceData(site, name string) (data SourceData) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.world.site(site)
	for _, d := range st.datasources {
		if d.name != name {
			continue
		}
		source := s.source(st, d)
		var columns []*vizql.Field
		for _, f := range source.Fields {
			if f.Class == "COLUMN" && !f.Hidden {
				columns = append(columns, f)
				data.Captions, data.Types = append(data.Captions, f.Caption), append(data.Types, f.DataType)
			}
		}
		for _, row := range source.Rows {
			values := make([]any, len(columns))
			for i, f := range columns {
				values[i] = row[f.Column]
			}
			data.Rows = append(data.Rows, values)
		}
	}
	return data
}
