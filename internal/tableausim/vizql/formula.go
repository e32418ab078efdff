package vizql

import (
	"strconv"
	"strings"
	"unicode"
)

// expr is an expression over the fields of a source: a constant, a field, or an operator or
// function with arguments.
type expr struct {
	op       string // const, column, group, bin, fixed, an operator, or the name of a function
	args     []*expr
	value    any                // of const
	field    *Field             // of column, group and bin
	kind     string             // data type of the result
	totals   bool               // has an aggregation in it
	perRow   bool               // has a field outside of aggregations
	position int                // of column: in a row
	groups   map[string][][]any // of fixed: all rows, by the values of the dimensions
}

// compiler makes expressions of one request.
type compiler struct {
	source *Source
	byName bool // captions in the request are names
	params map[string]any
	depth  int
}

// ref returns the expression of a field by caption.
func (c *compiler) ref(caption string) (*expr, *Field, *Error) {
	f, several := c.source.field(caption, c.byName)
	switch {
	case several:
		return nil, nil, fail("404935", "The field caption %s is not unique.", caption)
	case f == nil:
		return nil, nil, invalid("Unknown Field: %s.", caption)
	}
	e, err := c.field(f)
	return e, f, err
}

func (c *compiler) field(f *Field) (*expr, *Error) {
	switch f.Class {
	case "COLUMN":
		return &expr{op: "column", field: f, kind: f.DataType, perRow: true, position: f.Column}, nil
	case "GROUP", "BIN":
		base, err := c.base(f)
		if err != nil {
			return nil, err
		}
		return &expr{op: strings.ToLower(f.Class), args: []*expr{base}, field: f, kind: f.DataType, perRow: true}, nil
	}
	if c.depth > 8 {
		return nil, fail("400800", "The calculation of %s refers to itself.", f.Caption)
	}
	deeper := *c
	deeper.depth++
	deeper.byName = false // formulas name captions
	e, err := deeper.formula(f.Formula)
	return e, err
}

// base is the expression of the field that a group or a bin is made of.
func (c *compiler) base(f *Field) (*expr, *Error) {
	b := c.source.ByName(f.Base)
	if b == nil {
		return nil, fail("400800", "The field %s has no base.", f.Caption)
	}
	return c.field(b)
}

// formula parses a calculation.
func (c *compiler) formula(text string) (*expr, *Error) {
	upper := strings.ToUpper(text)
	for _, no := range []string{"RAWSQL", "SCRIPT_", "MODEL_EXTENSION"} {
		if strings.Contains(upper, no) {
			return nil, invalid("The calculation uses %s, which is not supported.", no)
		}
	}
	p := &parser{compiler: c}
	if err := p.scan(text); err != nil {
		return nil, err
	}
	e, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if p.at < len(p.tokens) {
		return nil, p.fault()
	}
	if e.totals && e.perRow {
		return nil, fail("400804", "Cannot mix aggregate and non-aggregate arguments in the calculation %s.", text)
	}
	return e, nil
}

// parser reads the tokens of a formula.
type parser struct {
	*compiler
	tokens []token
	at     int
}

type token struct {
	kind string // number, text, field, word or sign
	text string
}

func (p *parser) fault() *Error {
	found := "the end"
	if p.at < len(p.tokens) {
		found = "'" + p.tokens[p.at].text + "'"
	}
	return fail("400800", "The formula is not valid: %s was not expected.", found)
}

// scan cuts a formula into tokens. [Parameters].[Name] is one field.
func (p *parser) scan(s string) *Error {
	for s != "" {
		r := rune(s[0])
		n := 1
		switch {
		case unicode.IsSpace(r):
			s = s[1:]
			continue
		case r == '[':
			end := strings.IndexByte(s, ']')
			if end < 0 {
				return fail("400800", "The formula is not valid: a bracket is missing.")
			}
			name := s[1:end]
			s = s[end+1:]
			if strings.EqualFold(name, "Parameters") && strings.HasPrefix(s, ".[") {
				end := strings.IndexByte(s, ']')
				if end < 0 {
					return fail("400800", "The formula is not valid: a bracket is missing.")
				}
				p.tokens = append(p.tokens, token{"parameter", s[2:end]})
				s = s[end+1:]
				continue
			}
			p.tokens = append(p.tokens, token{"field", name})
			continue
		case r == '"' || r == '\'':
			end := strings.IndexByte(s[1:], s[0])
			if end < 0 {
				return fail("400800", "The formula is not valid: a quote is missing.")
			}
			p.tokens = append(p.tokens, token{"text", s[1 : end+1]})
			s = s[end+2:]
			continue
		case unicode.IsDigit(r) || r == '.':
			n = len(s) - len(strings.TrimLeft(s, "0123456789."))
			p.tokens = append(p.tokens, token{"number", s[:n]})
		case unicode.IsLetter(r):
			n = len(s) - len(strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }))
			p.tokens = append(p.tokens, token{"word", strings.ToUpper(s[:n])})
		default:
			for _, two := range []string{"<>", "<=", ">=", "!=", "=="} {
				if strings.HasPrefix(s, two) {
					n = 2
				}
			}
			p.tokens = append(p.tokens, token{"sign", s[:n]})
		}
		s = s[n:]
	}
	return nil
}

// takes moves over a token if it is the next.
func (p *parser) takes(texts ...string) (string, bool) {
	if p.at < len(p.tokens) && p.tokens[p.at].kind != "text" && p.tokens[p.at].kind != "field" {
		for _, text := range texts {
			if p.tokens[p.at].text == text {
				p.at++
				return text, true
			}
		}
	}
	return "", false
}

// levels are the operators, from those that bind least.
var levels = [][]string{{"OR"}, {"AND"}, {"=", "==", "<>", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*", "/", "%"}}

func (p *parser) binary(level int) (*expr, *Error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	for {
		op, ok := p.takes(levels[level]...)
		if !ok {
			return left, nil
		}
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		kind := "BOOLEAN"
		if level > 2 {
			kind = arithmetic(op, left.kind, right.kind)
		}
		left = &expr{op: op, args: []*expr{left, right}, kind: kind, totals: left.totals || right.totals, perRow: left.perRow || right.perRow}
	}
}

// arithmetic is the type of a sum, a product and so on.
func arithmetic(op, a, b string) string {
	switch {
	case op == "+" && a == "STRING":
		return "STRING"
	case a == "INTEGER" && b == "INTEGER" && op != "/":
		return "INTEGER"
	}
	return "REAL"
}

func (p *parser) unary() (*expr, *Error) {
	if op, ok := p.takes("-", "NOT"); ok {
		e, err := p.unary()
		if err != nil {
			return nil, err
		}
		return &expr{op: op + " ", args: []*expr{e}, kind: e.kind, totals: e.totals, perRow: e.perRow}, nil
	}
	return p.primary()
}

func (p *parser) primary() (*expr, *Error) {
	if _, ok := p.takes("("); ok {
		e, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		if _, ok := p.takes(")"); !ok {
			return nil, p.fault()
		}
		return e, nil
	}
	if _, ok := p.takes("{"); ok {
		return p.fixed()
	}
	if p.at == len(p.tokens) {
		return nil, p.fault()
	}
	t := p.tokens[p.at]
	p.at++
	switch t.kind {
	case "number":
		if n, err := strconv.ParseInt(t.text, 10, 64); err == nil {
			return &expr{op: "const", value: n, kind: "INTEGER"}, nil
		}
		n, err := strconv.ParseFloat(t.text, 64)
		if err == nil {
			return &expr{op: "const", value: n, kind: "REAL"}, nil
		}
	case "text":
		return &expr{op: "const", value: t.text, kind: "STRING"}, nil
	case "parameter":
		return p.parameter(t.text)
	case "field":
		e, _, err := p.ref(t.text)
		return e, err
	case "word":
		return p.word(t.text)
	}
	p.at--
	return nil, p.fault()
}

func (p *parser) parameter(name string) (*expr, *Error) {
	for _, x := range p.source.Parameters {
		if x.Caption == name {
			return &expr{op: "const", value: p.params[name], kind: x.DataType}, nil
		}
	}
	return nil, fail("400800", "The formula is not valid: there is no parameter %s.", name)
}

// word reads a constant, IF, or a function with its arguments.
func (p *parser) word(name string) (*expr, *Error) {
	switch name {
	case "TRUE", "FALSE":
		return &expr{op: "const", value: name == "TRUE", kind: "BOOLEAN"}, nil
	case "NULL":
		return &expr{op: "const", kind: "STRING"}, nil
	case "IF":
		return p.conditional()
	}
	f, known := functions[name]
	if _, ok := p.takes("("); !ok || !known {
		p.at--
		return nil, p.fault()
	}
	e := &expr{op: name, kind: f.result}
	for {
		if _, ok := p.takes(")"); ok && len(e.args) == 0 {
			break
		}
		arg, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, arg)
		e.totals, e.perRow = e.totals || arg.totals, e.perRow || arg.perRow
		if _, ok := p.takes(","); ok {
			continue
		}
		if _, ok := p.takes(")"); !ok {
			return nil, p.fault()
		}
		break
	}
	if len(e.args) < f.least || len(e.args) > f.most {
		return nil, fail("400800", "The formula is not valid: %s was called with %d arguments.", name, len(e.args))
	}
	if e.kind == "" {
		e.kind = e.args[f.typed].kind
	}
	if f.aggregates {
		if e.totals {
			return nil, fail("400804", "Argument to %s is already an aggregation, and cannot be further aggregated.", name)
		}
		e.totals, e.perRow = true, false
	}
	return e, nil
}

// conditional reads IF a THEN b ELSEIF c THEN d ELSE e END.
func (p *parser) conditional() (*expr, *Error) {
	e := &expr{op: "IF"}
	for {
		condition, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		if _, ok := p.takes("THEN"); !ok {
			return nil, p.fault()
		}
		then, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, condition, then)
		if _, ok := p.takes("ELSEIF"); !ok {
			break
		}
	}
	if _, ok := p.takes("ELSE"); ok {
		otherwise, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, otherwise)
	}
	if _, ok := p.takes("END"); !ok {
		return nil, p.fault()
	}
	e.kind = e.args[1].kind
	for _, a := range e.args {
		e.totals, e.perRow = e.totals || a.totals, e.perRow || a.perRow
	}
	return e, nil
}
