package scan

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// word is a Scalar that takes any scalar as a text.
type word string

func (w *word) ScanText(text []byte, texts *Texts) bool {
	*w = word(texts.String(text))
	return len(text) > 0
}

func (w *word) UnmarshalJSON(data []byte) error {
	var text string
	switch {
	case data[0] == '{' || data[0] == '[' || data[0] == 'n':
		*w = ""
	case json.Unmarshal(data, &text) == nil:
		*w = word(text)
	default:
		*w = word(data)
	}
	return nil
}

// own decodes itself.
type own struct{ size int }

func (o *own) UnmarshalJSON(data []byte) error {
	o.size = len(data)
	return nil
}

type named struct {
	ID     string `json:"id"`
	Plain  string
	Word   word `json:"word"`
	Flag   bool `json:"flag"`
	Count  int  `json:"count"`
	Own    own
	OwnRef *own
	hidden int //nolint:unused // no decoder may set it
}

type thing struct {
	named
	Name   string              `json:"name"`
	Ref    *named              `json:"ref" scan:"shared"`
	Inner  struct{ A, B word } `json:"inner"`
	Things []*thing            `json:"things"`
	Values []named             `json:"values"`
	Words  []string            `json:"words"`
	Shared []*named            `json:"shared" scan:"shared"`
	Others map[string]string   `json:"others"`
	Number *float64            `json:"number"`
	Raw    json.RawMessage     `json:"raw"`
	Skip   string              `json:"-"`
}

// agree decodes with both, and reports whether Decode did.
func agree(t *testing.T, data []byte) bool {
	t.Helper()
	var got, want thing
	copied := []byte(string(data))
	ok := Decode(copied, &got, nil, nil).OK
	for i := range copied {
		copied[i] = '#'
	}
	if !ok {
		return false
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Errorf("%q is decoded, encoding/json says %v", data, err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%q is decoded as\n%+v, by encoding/json as\n%+v", data, got, want)
	}
	return true
}

func TestWhatIsOrdinary(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat(`{"things":[`, n) + strings.Repeat(`]}`, n) }
	tests := []struct {
		name, data string
		ordinary   bool
	}{
		{"empty object", `{}`, true},
		{"white space", " {\t\"name\" :\r\n \"a\" , \"words\" : [ \"b\" , \"c\" ] } \n", true},
		{"all", `{"id":"1","Plain":"p","word":7,"flag":true,"count":3,"Own":[1],"OwnRef":{},"name":"n","ref":{"id":"r"},` +
			`"inner":{"A":"a","B":false},"things":[{"name":"t"},null],"values":[{"id":"v"}],"words":[],"shared":[{"id":"r"},{"id":"r"}],` +
			`"others":{"a":"b"},"number":-1.5e+3,"raw":{"x":[1,2]},"new":{"a":[true,false,null,-0,0.5,"\u00e9\\"]}}`, true},
		{"nulls", `{"id":null,"word":null,"flag":null,"ref":null,"inner":null,"things":null,"words":null,"others":null,"number":null,"raw":null,"Own":null,"OwnRef":null}`, true},
		{"other case", `{"ID":"1","PLAIN":"p","NaMe":"n"}`, true},
		{"exact name beside another case", `{"id":"1","Name":"n"}`, true},
		{"name of a hidden field", `{"hidden":1,"-":"x","Skip":"y"}`, true},
		{"escapes", `{"name":"\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00"}`, true},
		{"half pairs", `{"name":"\ud83d","word":"\ude00\ud83dx","id":"\ud83d\u0041"}`, true},
		{"letters beyond ASCII", `{"name":"été 😀 – ß"}`, true},
		{"64 levels", deep(31), true},

		{"member twice", `{"name":"a","name":"b"}`, false},
		{"member twice in another case", `{"name":"a","Name":"b"}`, false},
		{"name with an escape", `{"n\u0061me":"a"}`, false},
		{"name beyond ASCII", `{"\u212aey":1,"ſkip":1}`, false},
		{"not UTF-8", "{\"name\":\"\xff\"}", false},
		{"not UTF-8, skipped", "{\"new\":\"\xff\"}", false},
		{"control character", "{\"name\":\"a\nb\"}", false},
		{"control character, skipped", "{\"new\":\"aaaaaaaaaaaaaaaaa\x1f\"}", false},
		{"bad escape", `{"name":"\x"}`, false},
		{"bad escape, skipped", `{"new":"\u12g4"}`, false},
		{"cut escape", `{"name":"\u12`, false},
		{"other form", `{"name":7}`, false},
		{"object for a scalar", `{"word":{}}`, false},
		{"text for a list", `{"words":"a"}`, false},
		{"list for an object", `{"ref":[{}]}`, false},
		{"null among values", `{"values":[null]}`, false},
		{"number out of range", `{"count":99999999999999999999}`, false},
		{"number with a fraction", `{"count":1.5}`, false},
		{"number beyond float64", `{"number":1e999}`, false},
		{"leading zero", `{"new":01}`, false},
		{"plus", `{"new":+1}`, false},
		{"no digit", `{"new":1.}`, false},
		{"no exponent", `{"new":1e}`, false},
		{"bad literal", `{"new":nul}`, false},
		{"trailing comma", `{"name":"a",}`, false},
		{"trailing comma, skipped", `{"new":[1,]}`, false},
		{"no comma", `{"new":[1 2]}`, false},
		{"65 levels", deep(33), false},
		{"65 levels, skipped", `{"new":` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `}`, false},
		{"something behind it", `{}{}`, false},
		{"cut", `{"name":"a"`, false},
		{"nothing", ``, false},
		{"list at the root", `[]`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if agree(t, []byte(tt.data)) != tt.ordinary {
				t.Errorf("ordinary: %t", !tt.ordinary)
			}
			for i := range len(tt.data) { // any end is the end
				agree(t, []byte(tt.data[:i]))
			}
		})
	}
}

// TestTidyLeavesOutWhatIsEmpty holds what Decode documents of tidy.
func TestTidyLeavesOutWhatIsEmpty(t *testing.T) {
	t.Parallel()
	var got thing
	tidied := 0
	data := `{"ref":{"id":""},"things":[{},null,{"name":"a","ref":{"new":1}},{"things":[]}],"shared":[{},{"id":"x"},{"id":"x"}],"Own":1,"OwnRef":{}}`
	if !Decode([]byte(data), &got, func(reflect.Value) { tidied++ }, nil).OK {
		t.Fatal("it is not ordinary")
	}
	if got.Ref != nil || len(got.Things) != 2 || got.Things[0].Ref != nil || len(got.Shared) != 2 || got.Shared[0] != got.Shared[1] || tidied != 2 {
		t.Errorf("%+v, tidied %d", got, tidied)
	}
}

// TestStringsOutliveTheirAnswer holds that no later answer writes into the strings of an earlier
// one.
func TestStringsOutliveTheirAnswer(t *testing.T) {
	t.Parallel()
	read := func(letter string) []*thing {
		var got thing
		data := `{"things":[` + strings.Repeat(`{"name":"`+letter+`1","id":"`+strings.Repeat(letter, 200)+`","word":"\u0041`+letter+`"},`, 99) + `{"name":"z"}]}`
		buffer := []byte(data)
		if !Decode(buffer, &got, func(reflect.Value) {}, nil).OK {
			t.Fatal("it is not ordinary")
		}
		clear(buffer)
		return got.Things
	}
	first := read("a")
	for range 20 {
		read("b")
	}
	for _, item := range first[:99] {
		if item.Name != "a1" || item.ID != strings.Repeat("a", 200) || item.Word != "Aa" {
			t.Fatalf("%+v", item)
		}
	}
}

func TestLongListsKeepEveryItem(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 31, 32, 33, 34, 1000, 3000} {
		items := make([]string, n)
		for i := range items {
			items[i] = `{"name":"` + strings.Repeat("x", i%50+1) + `","words":["a","b","c"],"things":[{"id":"i"}]}`
		}
		if !agree(t, []byte(`{"things":[`+strings.Join(items, ",")+`],"values":[{"id":"a"}]}`)) {
			t.Errorf("%d items are not ordinary", n)
		}
	}
}

// TestStructsBeyondThePlan holds that a struct with rules of encoding/json that are not known here
// is decoded by it.
func TestStructsBeyondThePlan(t *testing.T) {
	t.Parallel()
	type inner struct {
		B string `json:"a"`
	}
	type twice struct {
		inner
		A string `json:"a"`
	}
	type optioned struct {
		N int `json:"n,string"`
	}
	var got, want struct {
		Twice    twice
		Optioned optioned
		Inner    *named
	}
	data := []byte(`{"Twice":{"a":"x"},"Optioned":{"n":"7"},"Inner":{"id":"i"}}`)
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if !Decode(data, &got, nil, nil).OK || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if Decode([]byte(`{"a":"x"}`), &twice{}, nil, nil).OK {
		t.Error("a root beyond the plan is decoded")
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"id":"1","Plain":"p","word":7,"flag":true,"count":3,"Own":[1],"OwnRef":{},"name":"n","ref":{"id":"r"},"inner":{"A":"a","B":false}}`,
		`{"things":[{"name":"t"},null],"values":[{"id":"v"}],"words":[],"shared":[{"id":"r"},{"id":"r"}],"others":{"a":"b"},"number":-1.5e+3,"raw":[1]}`,
		`{"name":"\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00","NAME":"\ud83d"}`, "{\"name\":\"\xff été\"}", ` {"new" : [ 1 , { } , "a" ] } `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { agree(t, data) })
}
