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

func BenchmarkDecodeThousandWorkbooks(b *testing.B) {
	for _, c := range []struct {
		name, media string
		body        []byte
	}{{"json", "application/json", pageJSON(1000)}, {"xml", "application/xml", pageXML(1000)}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			for b.Loop() {
				var a workbooksAnswer
				if err := rest.Decode(c.body, c.media, &a); err != nil || len(a.Workbooks.Items) != 1000 {
					b.Fatalf("%d workbooks, error %v", len(a.Workbooks.Items), err)
				}
			}
		})
	}
}
