package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vitrine/internal/suggest"
)

// Limits bound what one request may ask for, and what is asked for in a minute.
type Limits struct {
	// First is the most that a list may be asked for at once, 1 to 100,000.
	// Key: first. Default: 10000.
	First int
	// DocumentBytes is the size of a GraphQL document, 1,000 to 1,000,000.
	// Key: documentBytes. Default: 100000.
	DocumentBytes int
	// Tokens is its number of tokens, 200 (an introspection query needs 182) to
	// 2,000 (validation is quadratic beyond). Key: tokens. Default: 2000.
	Tokens int
	// Depth is its depth of nesting, 3 to 50. Key: depth. Default: 20.
	Depth int
	// Aliases is how many fields may be given another name, 1 to 1,000.
	// Key: aliases. Default: 100.
	Aliases int
	// RootFields is how many fields of Query it may ask for, 1 to 1,000.
	// Key: rootFields. Default: 50.
	RootFields int
	// Fields is how many fields it may ask for, those of a fragment counted each
	// time it is spread, 50 to 100,000. Key: fields. Default: 2000.
	Fields int
	// Comparisons is what validation has to compare: fields of one name beside each
	// other, and fragments; 100 to 200,000. Key: comparisons. Default: 20000.
	Comparisons int
	// Directives is how often it may use directives, 1 to 1,000. Key: directives.
	// Default: 100.
	Directives int
	// Introspection is how many lists of the schema may be inside each other, 3
	// to 10; editors need 3. Key: introspection. Default: 3.
	Introspection int
	// Cost is what it may cost, in points, 100 to 2,147,483,647. Key: cost.
	// Default: 500000.
	Cost int
	// Measure names limits that refuse nothing; the log shows what is past them.
	// Key: measure. Default: none.
	Measure []string
	// Deadline is how long a request may take, 1 second to 2 minutes.
	// Key: deadline. Default: 1m.
	Deadline time.Duration
	// FieldsUnderWay is how many fields all answers may have together that are put
	// together at a time, 10,000 to 1,000,000,000. Key: fieldsUnderWay.
	// Default: 2000000.
	FieldsUnderWay int
	// AnswerBytes is how many bytes one answer may have, 1,000,000 to
	// 1,000,000,000. Key: answerBytes. Default: 32000000.
	AnswerBytes int
	// PerPerson is what one person may ask for in a minute, in points, 100 to
	// 2,147,483,647; 0 for no bound. Key: perPerson. Default: 0.
	PerPerson int
	// PerAddress is what may be asked for from one address in a minute, in points,
	// 100 to 2,147,483,647; 0 for no bound. Key: perAddress. Default: 0.
	PerAddress int
	// DataQueries is how many queries to data one person may send on one site in an
	// hour, 1 to 1,000,000; 0 for no bound. Key: dataQueries. Default: 100.
	DataQueries int
}

func defaultLimits() Limits {
	return Limits{
		First: 10_000, DocumentBytes: 100_000, Tokens: 2000, Depth: 20, Aliases: 100, RootFields: 50, Fields: 2000,
		Comparisons: 20_000, Directives: 100, Introspection: 3, Cost: 500_000, Deadline: time.Minute, FieldsUnderWay: 2_000_000,
		AnswerBytes: 32_000_000, DataQueries: 100,
	}
}

// measurable are the limits that measure may name. The size of a document and its
// tokens are not among them: they bound what is read at all.
var measurable = []string{
	"aliases", "comparisons", "cost", "depth", "directives", "fields", "introspection", "perAddress", "perPerson", "rootFields",
}

func (r *reader) limits(o *object, l *Limits) {
	for _, n := range l.numbers() {
		o.number(n.key, n.value)
	}
	o.texts("measure", &l.Measure)
	o.duration("deadline", &l.Deadline)
	o.done()
}

// boundedNumber is a limit with its key and bounds.
type boundedNumber struct {
	key         string
	value       *int
	least, most int
	zero        bool // it may be 0 too, for none
}

const greatest = 1<<31 - 1 // of GraphQL's Int

func (l *Limits) numbers() []boundedNumber {
	return []boundedNumber{
		{"first", &l.First, 1, 100_000, false},
		{"documentBytes", &l.DocumentBytes, 1000, 1_000_000, false},
		{"tokens", &l.Tokens, 200, 2000, false},
		{"depth", &l.Depth, 3, 50, false},
		{"aliases", &l.Aliases, 1, 1000, false},
		{"rootFields", &l.RootFields, 1, 1000, false},
		{"fields", &l.Fields, 50, 100_000, false},
		{"comparisons", &l.Comparisons, 100, 200_000, false},
		{"directives", &l.Directives, 1, 1000, false},
		{"introspection", &l.Introspection, 3, 10, false},
		{"cost", &l.Cost, 100, greatest, false},
		{"fieldsUnderWay", &l.FieldsUnderWay, 10_000, 1_000_000_000, false},
		{"answerBytes", &l.AnswerBytes, 1_000_000, 1_000_000_000, false},
		{"perPerson", &l.PerPerson, 100, greatest, true},
		{"perAddress", &l.PerAddress, 100, greatest, true},
		{"dataQueries", &l.DataQueries, 1, 1_000_000, true},
	}
}

func (v *checker) limits(l *Limits) {
	for _, n := range l.numbers() {
		if !n.zero || *n.value != 0 {
			within(v, "limits."+n.key, *n.value, n.least, n.most)
		}
	}
	within(v, "limits.deadline", l.Deadline, time.Second, 2*time.Minute)
	for i, name := range l.Measure {
		path := fmt.Sprintf("limits.measure[%d]", i)
		switch {
		case !slices.Contains(measurable, name):
			v.problem(path, name, "is no limit that can be measured alone",
				suggest.Or(name, measurable, "use one of "+strings.Join(measurable, ", ")))
		case name == "perPerson" && l.PerPerson == 0, name == "perAddress" && l.PerAddress == 0:
			v.problem(path, name, "is not set, so there is nothing to measure by", "set limits."+name+", or take this out")
		}
	}
	v.unique("limits.measure", l.Measure)
}
