package vizql

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// eval is the value of an expression: for one row, or for a group of rows where it aggregates.
func (e *expr) eval(row []any, group [][]any) any {
	switch e.op {
	case "const":
		return e.value
	case "column":
		if row == nil {
			return nil
		}
		return row[e.position]
	case "group":
		return grouped(e.field, e.args[0].eval(row, group))
	case "bin":
		if v, ok := toFloat(e.args[0].eval(row, group)); ok {
			return int64(math.Floor(v / e.field.BinSize))
		}
		return nil
	case "fixed":
		if row == nil {
			return nil
		}
		return e.args[0].eval(nil, e.groups[e.fixedKey(row)])
	case "IF", "IIF":
		return e.branch(row, group)
	}
	if f := functions[e.op]; f.aggregates {
		return aggregate(e.op, e.args[0], group)
	}
	values := make([]any, len(e.args))
	for i, a := range e.args {
		values[i] = a.eval(row, group)
	}
	if f, ok := functions[e.op]; ok {
		return f.call(values)
	}
	return operate(e.op, values)
}

// grouped is the group of a value: those that no group has are together.
func grouped(f *Field, v any) any {
	text, ok := v.(string)
	if !ok {
		return nil
	}
	for _, g := range f.Groups {
		if slices.Contains(g.Members, text) {
			return g.Alias
		}
	}
	return "Other"
}

func (e *expr) branch(row []any, group [][]any) any {
	i := 0
	for ; i+1 < len(e.args); i += 2 {
		if e.args[i].eval(row, group) == true {
			return e.args[i+1].eval(row, group)
		}
	}
	if i < len(e.args) {
		return e.args[i].eval(row, group)
	}
	return nil
}

// operate applies an operator. An operand that is null makes the result null.
func operate(op string, v []any) any {
	switch op {
	case "AND":
		return v[0] == true && v[1] == true
	case "OR":
		return v[0] == true || v[1] == true
	case "NOT ":
		return v[0] == false
	}
	if slices.Contains(v, nil) {
		return nil
	}
	switch op {
	case "=", "==":
		return compare(v[0], v[1]) == 0
	case "<>", "!=":
		return compare(v[0], v[1]) != 0
	case "<":
		return compare(v[0], v[1]) < 0
	case "<=":
		return compare(v[0], v[1]) <= 0
	case ">":
		return compare(v[0], v[1]) > 0
	case ">=":
		return compare(v[0], v[1]) >= 0
	}
	return calculate(op, v)
}

func calculate(op string, v []any) any {
	if a, ok := v[0].(string); ok && op == "+" {
		b, _ := v[1].(string)
		return a + b
	}
	a, okA := toFloat(v[0])
	if op == "- " {
		if n, whole := v[0].(int64); whole {
			return -n
		}
		return -a
	}
	b, okB := toFloat(v[1])
	if !okA || !okB {
		return nil
	}
	x, wholeA := v[0].(int64)
	y, wholeB := v[1].(int64)
	whole := wholeA && wholeB
	switch {
	case op == "+" && whole:
		return x + y
	case op == "-" && whole:
		return x - y
	case op == "*" && whole:
		return x * y
	case (op == "/" || op == "%") && b == 0:
		return nil
	case op == "%":
		return int64(a) % int64(b)
	}
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	return a / b
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// compare orders two values: null first, numbers by size, texts letter by letter.
func compare(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	x, okX := toFloat(a)
	y, okY := toFloat(b)
	if okX && okY {
		return cmp.Compare(x, y)
	}
	if t, ok := a.(time.Time); ok {
		if u, ok := b.(time.Time); ok {
			return t.Compare(u)
		}
	}
	return strings.Compare(textOf(a), textOf(b))
}

// textOf is a value as text.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case time.Time:
		return v.Format(time.DateOnly)
	}
	return string(number(v))
}

// aggregate is an aggregation over the rows of a group; nulls do not count.
func aggregate(name string, arg *expr, group [][]any) any {
	var values []any
	for _, row := range group {
		if v := arg.eval(row, nil); v != nil {
			values = append(values, v)
		}
	}
	return aggregateValues(name, values, arg.kind)
}

func aggregateValues(name string, values []any, kind string) any {
	switch name {
	case "COUNT":
		return int64(len(values))
	case "COUNTD":
		distinct := map[string]bool{}
		for _, v := range values {
			distinct[keyOf(v)] = true
		}
		return int64(len(distinct))
	}
	if len(values) == 0 {
		return nil
	}
	switch name {
	case "MIN":
		return slices.MinFunc(values, compare)
	case "MAX":
		return slices.MaxFunc(values, compare)
	case "ATTR":
		if compare(slices.MinFunc(values, compare), slices.MaxFunc(values, compare)) == 0 {
			return values[0]
		}
		return "*"
	case "SUM":
		if kind == "INTEGER" {
			return wholeSum(values)
		}
	}
	numbers := make([]float64, 0, len(values))
	for _, v := range values {
		if n, ok := toFloat(v); ok {
			numbers = append(numbers, n)
		}
	}
	return statistic(name, numbers)
}

// wholeSum is the sum of integers.
func wholeSum(values []any) any {
	var sum int64
	for _, v := range values {
		n, _ := v.(int64)
		sum += n
	}
	return sum
}

// statistic is a sum, a mean, a median, or a deviation of a sample.
func statistic(name string, numbers []float64) any {
	if len(numbers) == 0 {
		return nil
	}
	var sum float64
	for _, n := range numbers {
		sum += n
	}
	mean := sum / float64(len(numbers))
	switch name {
	case "SUM":
		return sum
	case "AVG":
		return mean
	case "MEDIAN":
		slices.Sort(numbers)
		middle := len(numbers) / 2
		if len(numbers)%2 == 0 {
			return (numbers[middle-1] + numbers[middle]) / 2
		}
		return numbers[middle]
	}
	if len(numbers) == 1 {
		return nil
	}
	var squares float64
	for _, n := range numbers {
		squares += (n - mean) * (n - mean)
	}
	variance := squares / float64(len(numbers)-1)
	if name == "STDEV" {
		return math.Sqrt(variance)
	}
	return variance
}
