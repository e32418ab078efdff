package vizql

// Source is what can be asked of one data source.
type Source struct {
	Fields        []*Field
	Rows          [][]any // nil, string, int64, float64, bool or time.Time, by Field.Column
	Parameters    []Parameter
	Tables        []Table
	Relationships []Relationship
}

// Field is a field of a data source.
type Field struct {
	Name        string // internal: the name of the column, or Calculation_ and a number
	Caption     string
	DataType    string // INTEGER REAL STRING DATETIME BOOLEAN DATE
	Role        string // MEASURE or DIMENSION
	Class       string // COLUMN BIN GROUP CALCULATION
	Aggregation string // the default: SUM, COUNT, AGG and so on
	Formula     string // of a calculation
	Description string
	Table       string // ID of its logical table; empty for calculations
	Hidden      bool
	Decimals    string // places of the default format, empty for no format
	Base        string // caption of the field that a group or a bin is made of
	BinSize     float64
	Groups      []Group
	Aliases     []Alias
	Column      int // position in a row; -1 for everything but COLUMN
}

// Group is one group of a field of groups.
type Group struct {
	Alias   string
	Members []string
}

// Alias is another name of a member.
type Alias struct{ Member, Value string }

// Parameter is a parameter of a data source. Value and bounds are as JSON has them.
type Parameter struct {
	Kind     string // ANY_VALUE LIST QUANTITATIVE_RANGE QUANTITATIVE_DATE
	Name     string // internal: Parameter 1
	Caption  string
	DataType string
	Value    any
	Members  []Member
	Min, Max any
	Step     any
}

// Member is one value of a parameter with a list.
type Member struct {
	Value any
	Alias string
}

// Table is a logical table, Relationship how two of them are related.
type Table struct{ ID, Caption, Description string }

// Relationship is how two logical tables are related.
type Relationship struct {
	From, To           string // IDs
	FromField, ToField string
}

// field finds a field by caption, or by name where the request says so. Several fields with one
// caption are ambiguous.
func (s *Source) field(caption string, byName bool) (found *Field, several bool) {
	for _, f := range s.Fields {
		if byName && f.Name == caption || !byName && f.Caption == caption {
			if found != nil {
				return nil, true
			}
			found = f
		}
	}
	return found, false
}

// ByName finds a field by its internal name, else by its caption, or returns nil.
func (s *Source) ByName(name string) *Field {
	for _, byName := range []bool{true, false} {
		if f, _ := s.field(name, byName); f != nil {
			return f
		}
	}
	return nil
}
