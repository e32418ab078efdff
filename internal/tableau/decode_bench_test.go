package tableau

import (
	"fmt"
	"strings"
	"testing"

	"vitrine/internal/tableau/rest"
)

// pageJSON is a page of n workbooks as servers of today write it.
func pageJSON(n int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `{"pagination":{"pageNumber":"1","pageSize":"1000","totalAvailable":"%d"},"workbooks":{"workbook":[`, n)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"project":{"id":"11111111-1111-4111-8111-%012d","name":"Finance"},`+
			`"location":{"id":"11111111-1111-4111-8111-%012d","type":"Project","name":"Finance"},`+
			`"owner":{"id":"22222222-2222-4222-8222-%012d","name":"kim","fullName":"Kim Lee","email":"kim@example.com"},`+
			`"tags":{"tag":[{"label":"fin"},{"label":"quarterly"}]},"dataAccelerationConfig":{},"id":"33333333-3333-4333-8333-%012d",`+
			`"name":"Sales \u00e9t\u00e9 %d","description":"Revenue by region and quarter","contentUrl":"Sales%d",`+
			`"webpageUrl":"https://tableau.example.com/#/site/x/workbooks/%d","showTabs":"true","size":"3",`+
			`"createdAt":"2025-05-01T10:00:00Z","updatedAt":"2025-06-01T10:00:00Z","encryptExtracts":"false",`+
			`"defaultViewId":"44444444-4444-4444-8444-%012d"}`, i%20, i%20, i%50, i, i, i, i, i)
	}
	b.WriteString(`]}}`)
	return []byte(b.String())
}

// pageXML is the same page as XML.
func pageXML(n int) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version='1.0' encoding='UTF-8'?><tsResponse xmlns="http://tableau.com/api">`)
	fmt.Fprintf(&b, `<pagination pageNumber="1" pageSize="1000" totalAvailable="%d"/><workbooks>`, n)
	for i := range n {
		fmt.Fprintf(&b, `<workbook id="33333333-3333-4333-8333-%012d" name="Sales été %d" description="Revenue by region and quarter" `+
			`contentUrl="Sales%d" webpageUrl="https://tableau.example.com/#/site/x/workbooks/%d" showTabs="true" size="3" `+
			`createdAt="2025-05-01T10:00:00Z" updatedAt="2025-06-01T10:00:00Z" encryptExtracts="false" `+
			`defaultViewId="44444444-4444-4444-8444-%012d"><project id="11111111-1111-4111-8111-%012d" name="Finance"/>`+
			`<location id="11111111-1111-4111-8111-%012d" type="Project" name="Finance"/>`+
			`<owner id="22222222-2222-4222-8222-%012d" name="kim" fullName="Kim Lee" email="kim@example.com"/>`+
			`<tags><tag label="fin"/><tag label="quarterly"/></tags><dataAccelerationConfig/></workbook>`, i, i, i, i, i, i%20, i%20, i%50)
	}
	b.WriteString(`</workbooks></tsResponse>`)
	return []byte(b.String())
}

// selectedJSON is a page of n workbooks of which a query selects id, name, project and owner.
func selectedJSON(n int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `{"pagination":{"pageNumber":"1","pageSize":"1000","totalAvailable":"%d"},"workbooks":{"workbook":[`, n)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"project":{"id":"11111111-1111-4111-8111-%012d","name":"Finance"},"owner":{"id":"22222222-2222-4222-8222-%012d","name":"kim"},`+
			`"id":"33333333-3333-4333-8333-%012d","name":"Sales %d","contentUrl":"Sales%d"}`, i%20, i%50, i, i, i)
	}
	b.WriteString(`]}}`)
	return []byte(b.String())
}

// TestDecodeAllocatesLittle holds how many allocations a page may cost: nothing for each of its
// workbooks but the list of its tags, and a block of texts now and then.
func TestDecodeAllocatesLittle(t *testing.T) { //nolint:paralleltest // AllocsPerRun does not allow it
	for _, c := range []struct {
		name string
		body []byte
		most float64
	}{
		{"all fields", pageJSON(1000), 1700},
		{"selected fields", selectedJSON(1000), 300},
		{"selected fields of 100", selectedJSON(100), 150},
	} {
		got := testing.AllocsPerRun(10, func() {
			var a workbooksAnswer
			if err := rest.Decode(c.body, "application/json", &a); err != nil {
				t.Error(err)
			}
		})
		if t.Logf("%s: %.0f allocations", c.name, got); got > c.most {
			t.Errorf("%s: %.0f allocations, budget %.0f", c.name, got, c.most)
		}
	}
}
