package scan

import (
	"reflect"
	"testing"
)

type piece struct {
	Name  string `json:"name"`
	Note  string `json:"note"`
	Next  *piece `json:"next"`
	Parts []*bit `json:"parts"`
}

type bit struct {
	Name string `json:"name"`
}

func decodePiece(body string, needed *Members) (piece, Result) {
	var v piece
	result := Decode([]byte(body), &v, func(reflect.Value) {}, needed)
	return v, result
}

// Members that are not needed are passed over, at every depth; other types are decoded whole.
func TestOnlyWantedMembersAreDecoded(t *testing.T) {
	t.Parallel()
	needed := NewMembers(map[reflect.Type][]string{reflect.TypeFor[piece](): {"name", "next"}})
	got, result := decodePiece(`{"note":"\u00e9","name":"a","parts":[{"name":"p"}],"next":{"name":"b","note":{"any":["piece"]},"other":1}}`, needed)
	want := piece{Name: "a", Next: &piece{Name: "b"}}
	if !result.OK || !result.Unknown || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %+v", got, result)
	}
	if got, result := decodePiece(`{"name":"a","parts":[{"name":"p"}]}`, NewMembers(map[reflect.Type][]string{})); !result.OK || len(got.Parts) != 1 {
		t.Errorf("without a type: %+v %+v", got, result)
	}
}

// An object that says something is there, though nothing of it is needed; one that says nothing is
// not.
func TestObjectsWithUnwantedMembersAreKept(t *testing.T) {
	t.Parallel()
	type inner struct {
		Name string `json:"name"`
		Note string `json:"note"`
		Bit  *bit   `json:"bit"`
	}
	needed := NewMembers(map[reflect.Type][]string{reflect.TypeFor[inner](): {"name"}})
	for body, kept := range map[string]bool{
		`{"note":"x"}`: true, `{"note":""}`: false, `{"note":null}`: false, `{"bit":{}}`: false, `{"note":5}`: true, `{}`: false,
	} {
		var v struct{ Inner *inner }
		if result := Decode([]byte(`{"Inner":`+body+`}`), &v, func(reflect.Value) {}, needed); !result.OK || (v.Inner != nil) != kept {
			t.Errorf("%s: %+v %+v", body, v, result)
		}
	}
}

// What is passed over is still checked, and no member comes twice.
func TestUnwantedMembersAreChecked(t *testing.T) {
	t.Parallel()
	needed := NewMembers(map[reflect.Type][]string{reflect.TypeFor[piece](): {"name"}})
	for _, body := range []string{`{"note":"a","note":"b"}`, `{"note":x}`, `{"note":"\x"}`, "{\"note\":\"\x01\"}", `{"note":{"a":1,}}`, `{"note":"a"`} {
		if _, result := decodePiece(body, needed); result.OK {
			t.Errorf("%s is taken", body)
		}
	}
}
