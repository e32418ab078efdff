package rest

import (
	"encoding/json"
	"errors"
	"testing"
)

type countedThing struct {
	Name Text `json:"name" xml:"name,attr"`
}

type typedList struct {
	Envelope
	Things struct {
		Items []*countedThing `json:"thing" xml:"thing"`
	} `json:"things" xml:"things"`
}

type pointerList struct {
	Envelope
	Things *struct {
		Items []*countedThing `json:"thing" xml:"thing"`
	} `json:"things" xml:"things"`
}

type found struct {
	Total Int             `json:"total" xml:"-"`
	Limit Int             `json:"limit" xml:"-"`
	Items []*countedThing `json:"items" xml:"-"`
}

type wrappedList struct {
	Envelope
	found
	Hits *found `json:"hits" xml:"-"`
}

type rawList struct {
	Envelope
	Items       json.RawMessage `json:"items"`
	Collections json.RawMessage `json:"collections"`
	TotalCount  Int             `json:"totalCount"`
}

// A number beside a container that is missing does not make an empty list of it, and a total above 0
// of an empty container neither. An empty container with a total of 0, or with none, is an empty list.
func TestNumbersAboutAListAreNoList(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		into    func() Answer
		good    []string
		missing []string
	}{
		"typed": {func() Answer { return &typedList{} }, []string{
			`{"things":{}}`, `{"things":null}`, `{"things":{"thing":[]}}`, `{"things":{"thing":[{"name":"a"}]}}`, `{"pagination":{"totalAvailable":"0"}}`,
			`{"pagination":{"totalAvailable":"0"},"things":{}}`, `{"pagination":{"totalAvailable":"5"},"things":{"thing":[null]}}`,
			`{"pagination":{"totalAvailable":"5"},"things":{"thing":[{"name":"a"}]}}`, `{"pagination":{"totalAvailable":"5"},"things":[{"name":"a"}]}`,
			`{"pagination":{"pageNumber":"2","totalAvailable":"5"},"things":{}}`, `{"things":{"other":1}}`,
			`<tsResponse><things/></tsResponse>`, `<tsResponse><pagination totalAvailable="0"/></tsResponse>`,
			`<tsResponse><pagination totalAvailable="5"/><things><thing name="a"/></things></tsResponse>`,
			`<tsResponse><pagination totalAvailable="5"/><other><things/></other><things><thing/></things></tsResponse>`,
		}, []string{
			`{"pagination":{"pageNumber":"1","totalAvailable":"5"},"things":{}}`, `{"pagination":{"totalAvailable":"5"},"things":{"other":[{"name":"a"}]}}`,
			`{"pagination":{"totalAvailable":"5"},"things":{"thing":[]}}`, `{"pagination":{"totalAvailable":"5"}}`, `{"pagination":{"totalAvailable":"5"},"things":null}`,
			`<tsResponse><pagination totalAvailable="5"/><things/></tsResponse>`, `<tsResponse><pagination totalAvailable="5"/></tsResponse>`,
			`<tsResponse><pagination totalAvailable="5"/><things><other><thing name="a"/></other></things></tsResponse>`, `{"total":5}`,
		}},
		"pointer": {func() Answer { return &pointerList{} }, []string{
			`{"things":{}}`, `{"things":null}`, `{"pagination":{"totalAvailable":"5"},"things":{"thing":[{"name":"a"}]}}`,
		}, []string{`{"pagination":{"totalAvailable":"5"},"things":{}}`, `{"pagination":{"totalAvailable":"5"}}`}},
		"wrapped": {func() Answer { return &wrappedList{} }, []string{
			`{"items":[]}`, `{"hits":{}}`, `{"hits":{"items":[]}}`, `{"hits":{"total":0,"limit":10}}`, `{"total":0}`, `{"total":0,"limit":10}`,
			`{"hits":{"total":5,"items":[{"name":"a"}]}}`, `{"total":5,"items":[{"name":"a"}]}`, `{"total":1,"items":[null]}`,
		}, []string{
			`{"total":5}`, `{"limit":10}`, `{"hits":{"total":5}}`, `{"hits":{"limit":10}}`, `{"hits":{"total":5},"other":[1]}`, `{"total":5,"items":null}`, `{"foo":1}`,
		}},
		"raw": {func() Answer { return &rawList{} }, []string{
			`{"items":[]}`, `{"items":{}}`, `{"items":null}`, `{"totalCount":0}`, `{"collections":{"collection":[{"name":"a"}]}}`, `{"totalCount":5,"items":[{"name":"a"}]}`,
		}, []string{`{"totalCount":5}`, `{"items":7}`, `{"items":"x"}`, `{"totalCount":5,"items":{}}`, `{"totalCount":5,"collections":[]}`, `{"items":true}`}},
	} {
		for _, body := range c.good {
			if err := Decode([]byte(body), "", c.into()); err != nil {
				t.Errorf("%s: %s: %v", name, body, err)
			}
		}
		for _, body := range c.missing {
			if err := Decode([]byte(body), "", c.into()); !errors.Is(err, ErrNoContainer) {
				t.Errorf("%s: %s: %v, want %v", name, body, err, ErrNoContainer)
			}
		}
	}
}
