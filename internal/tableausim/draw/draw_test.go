package draw

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"strings"
	"testing"
)

// sample returns a table for each kind of chart, with characters that file formats must escape.
func sample(chart Chart, rows int) Table {
	t := Table{Title: `Profit & <Loss> "(\ä·–€)"`, Subtitle: "Kiel: A/B [1]", Sheet: &Sheet{
		Chart:      chart,
		Dimensions: []Dimension{{Caption: "Region & Co"}, {Caption: "Segment"}},
		Measures:   []Measure{{Caption: "Sales", Format: Money}, {Caption: "Ratio", Format: Percent}},
	}}
	for i := range rows {
		name := string(rune('A' + i%3))
		t.Rows = append(t.Rows, Row{Names: []string{"<" + name + ">", "S" + name}, Values: []float64{float64(i*1200 - 1000), 0.1 * float64(i)}})
	}
	return t
}

// TestEveryChartIsDrawnInEveryForm draws each chart, with and without rows, and looks at the form
// alone.
func TestEveryChartIsDrawnInEveryForm(t *testing.T) {
	t.Parallel()
	for chart := Bars; chart <= Heat; chart++ {
		for _, rows := range []int{0, 1, 7} {
			table := sample(chart, rows)
			picture, err := PNG(table, 320, 240, 1)
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(picture))
			if err != nil || img.Bounds().Dx() != 320 || img.Bounds().Dy() != 240 {
				t.Errorf("chart %d, %d rows: PNG: %v", chart, rows, err)
			}
			if again, _ := PNG(table, 320, 240, 1); !bytes.Equal(picture, again) {
				t.Errorf("chart %d, %d rows: two pictures differ", chart, rows)
			}
			wellFormed(t, SVG(table, 800, 600, 1))
			p, known := NamedPaper("a4")
			if file := PDF(p.Landscape(), table.Title, []Table{table, table}, 800, 600); !known || bytes.Count(file, []byte("/Type /Page ")) != 2 {
				t.Errorf("chart %d, %d rows: PDF has not two pages", chart, rows)
			}
		}
	}
}

// TestOfficeFilesAreArchivesOfXML opens what Excel and PowerPoint open.
func TestOfficeFilesAreArchivesOfXML(t *testing.T) {
	t.Parallel()
	table := sample(Bars, 3)
	sheet, err := table.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	slides, err := PPTX([][]byte{[]byte("picture"), []byte("picture")})
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"xlsx": sheet, "pptx": slides} {
		z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		parts := map[string]string{}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			parts[f.Name] = string(b)
			if strings.HasSuffix(f.Name, ".xml") || strings.HasSuffix(f.Name, ".rels") {
				wellFormed(t, b)
			}
		}
		want := map[string]string{"xlsx": "xl/worksheets/sheet1.xml", "pptx": "ppt/slides/slide2.xml"}[name]
		if parts[want] == "" {
			t.Errorf("%s has no %s", name, want)
		}
		if name == "xlsx" && (!strings.Contains(parts[want], "Region &amp; Co") || !strings.Contains(parts[want], "<c><v>-1000</v></c>")) {
			t.Errorf("the sheet lacks names or numbers: %s", parts[want])
		}
	}
}

// TestCSVFormatsNumbers writes numbers as views show them.
func TestCSVFormatsNumbers(t *testing.T) {
	t.Parallel()
	got, err := sample(Bars, 3).CSV()
	if want := "Region & Co,Segment,Sales,Ratio\n<A>,SA,\"-$1,000\",0.0%\n<B>,SB,$200,10.0%\n<C>,SC,\"$1,400\",20.0%\n"; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func wellFormed(t *testing.T, file []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(file))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %.200s", err, file)
		}
	}
}
