package tableau

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// spot is a value in a JSON document.
type spot struct {
	path string // names and positions, each with a slash before it
	set  func(any)
	drop func()
}

// spotsOf returns all values below a value, in a fixed order.
func spotsOf(v any, path string, found []spot) []spot {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			below := path + "/" + name
			found = append(found, spot{below, func(other any) { v[name] = other }, func() { delete(v, name) }})
			found = spotsOf(v[name], below, found)
		}
	case []any:
		for i := range v {
			below := fmt.Sprint(path, "/", i)
			found = append(found, spot{below, func(other any) { v[i] = other }, func() { v[i] = nil }})
			found = spotsOf(v[i], below, found)
		}
	}
	return found
}

// mutated returns a document with one value replaced or left out, and its path.
func mutated(t *rapid.T, document string) (other, path string) {
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		t.Fatal(err)
	}
	p := rapid.SampledFrom(spotsOf(v, "", nil)).Draw(t, "place")
	if rapid.IntRange(0, 9).Draw(t, "drop") == 0 {
		p.drop()
	} else {
		p.set(rapid.SampledFrom([]any{
			nil, "", "x", "../x", 7, -1.5e300, true, false, []any{}, []any{nil}, []any{7}, []any{[]any{}}, map[string]any{}, map[string]any{"luid": 5}, map[string]any{"a": []any{}},
		}).Draw(t, "value"))
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), p.path
}

// touches reports whether a mutation at a path changes what is at another one.
func touches(mutation, path string) bool {
	mutation, path = mutation+"/", path+"/"
	return strings.HasPrefix(mutation, path) || strings.HasPrefix(path, mutation)
}

// checkKind holds that an error of an answer has a kind, which has a public code.
func checkKind(t *rapid.T, err error) {
	if e := (*Error)(nil); !errors.As(err, &e) || e.Kind.String() == "" {
		t.Fatalf("an error without a kind: %v", err)
	}
}

const lineageDocument = `{"data":{"list":{"nodes":[
	{"luid":"b1","targets":[{"luid":"f1","name":"One"},{"luid":"f2","name":"Two"},{"name":"Copy","parents":[{"luid":"f3","name":"Three"}]}]},
	{"luid":"b2","targets":[{"luid":"f4","name":"Four"}]},
	{"luid":"b3","targets":[]}],
	"pageInfo":{"hasNextPage":false,"endCursor":null}}}}`

// targetPlaces are where the targets are in the document.
var targetPlaces = map[string]string{
	"b1 f1": "0/targets/0", "b1 f2": "0/targets/1", "b1 f3": "0/targets/2/parents/0", "b2 f4": "1/targets/0",
}

// TestMutatedLineageLosesWhatWasMutated changes one value of an answer: there is no panic, each error
// has a kind, all other targets are there, and where one is missing the answer does not look whole.
func TestMutatedLineageLosesWhatWasMutated(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, path := mutated(t, lineageDocument)
		var got lineagePage
		gap, err := decodeMetadata([]byte(text), &got)
		if err != nil {
			if checkKind(t, err); strings.HasPrefix(path, "/data/list/") {
				t.Fatalf("%s: %v\n%s", path, err, text)
			}
			return
		}
		page, whole := got.page()
		have := map[string]bool{}
		for _, n := range page.items {
			targets, _ := n.targets()
			for _, target := range targets {
				have[string(n.LUID)+" "+string(target.LUID)] = true
			}
		}
		for edge, at := range targetPlaces {
			node := "/data/list/nodes/" + at[:1]
			hit := touches(path, "/data/list/nodes/"+at) || touches(path, node+"/luid") || strings.HasPrefix("/data/list/nodes/"+at, path)
			if !have[edge] && !hit {
				t.Fatalf("%s: %s is gone\n%s", path, edge, text)
			}
			// A null, an empty text or another id in place of an id is what hidden objects have too.
			if !have[edge] && whole && gap == GapNone && !strings.HasSuffix(path, "/luid") && !isGone(text, path) {
				t.Fatalf("%s: %s is gone, and the answer looks whole\n%s", path, edge, text)
			}
		}
	})
}

// isGone reports whether the mutation put a well-formed answer in place: an empty list, or nothing.
func isGone(text, path string) bool {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return false
	}
	for _, name := range strings.Split(path, "/")[1:] {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil {
				return false
			}
			v = at[i]
		}
	}
	switch v := v.(type) {
	case nil:
		return !strings.HasSuffix(path, "/targets") && !strings.HasSuffix(path, "/nodes")
	case []any:
		return len(v) == 0 || v[0] == nil
	case map[string]any:
		return strings.Count(path, "/") > 5 // a target without an id
	}
	return false
}

// TestMutatedAnswersOfQueriesToDataLoseWhatWasMutated does the same with the VizQL Data Service.
func TestMutatedAnswersOfQueriesToDataLoseWhatWasMutated(t *testing.T) {
	t.Parallel()
	const fields = `{"data":[{"fieldName":"a","fieldCaption":"A","dataType":"REAL","hidden":false},{"fieldName":"b","fieldCaption":"B","formula":"1"}],
		"extraData":{"parameters":[{"parameterType":"LIST","parameterName":"p","parameterCaption":"P","members":[{"value":1.0},{"value":"x","alias":"X"}]}]}}`
	const model = `{"logicalTables":[{"logicalTableId":"t1"},{"logicalTableId":"t2","caption":"T"}],
		"logicalTableRelationships":[{"fromLogicalTable":{"logicalTableId":"t1"},"toLogicalTable":{"logicalTableId":"t2"},"expression":{"relationships":[{"operator":"=","fromField":"a","toField":"b"}]}}]}`
	const rows = `{"data":[["a",1],["",null],["c",2.5]]}`
	rapid.Check(t, func(t *rapid.T) {
		text, path := mutated(t, fields)
		var out metadataOutput
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatalf("%s: %v\n%s", path, err, text)
		}
		got, lost := out.fields()
		for i, caption := range []string{"A", "B"} {
			has := slices.ContainsFunc(got, func(f *QueryField) bool { return f.Caption == Text(caption) && f.Name != "" })
			if !has && !touches(path, fmt.Sprint("/data/", i)) || !has && !lost && !strings.HasSuffix(path, "/fieldCaption") && !isGone(text, path) && path != "/data" {
				t.Fatalf("%s: %s is gone, lost %t\n%s", path, caption, lost, text)
			}
		}
		out.parameters()
		text, path = mutated(t, model)
		var answer modelOutput
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatalf("%s: %v\n%s", path, err, text)
		}
		m := answer.model()
		if n := len(m.Tables); n < 2 && (!strings.HasPrefix(path, "/logicalTables") || n == 0 && path != "/logicalTables") {
			t.Fatalf("%s: %d tables\n%s", path, n, text)
		}
		text, path = mutated(t, rows)
		var table rowsOutput
		if err := json.Unmarshal([]byte(text), &table); err != nil {
			if path != "/data" {
				t.Fatalf("%s: %v\n%s", path, err, text)
			}
			return
		}
		answered, err := table.rows(2, 10)
		if err != nil {
			checkKind(t, err)
			return
		}
		if n := len(answered.Rows); n < 2 && path != "/data" || n == 2 && !answered.Broken {
			t.Fatalf("%s: %d rows, broken %t\n%s", path, n, answered.Broken, text)
		}
	})
}
