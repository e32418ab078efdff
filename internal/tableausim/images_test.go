package tableausim_test

import (
	"bytes"
	"encoding/csv"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

func decode(t *testing.T, a answer) image.Image {
	t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != "image/png" {
		t.Fatalf("no image: %d %v %.200s", a.status, a.header, a.body)
	}
	img, err := png.Decode(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// colors counts the different colors of an image, up to 50: a drawn chart has many, an empty one
// one.
func colors(img image.Image) int {
	seen := map[[3]uint32]bool{}
	for y := 0; y < img.Bounds().Dy() && len(seen) < 50; y++ {
		for x := 0; x < img.Bounds().Dx() && len(seen) < 50; x += 2 {
			r, g, b, _ := img.At(x, y).RGBA()
			seen[[3]uint32{r, g, b}] = true
		}
	}
	return len(seen)
}

func TestImageSizes(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{APIVersion: "3.29"})
	alice := c.user("alice", "")
	path := "views/" + c.sim.ViewID("", "Superstore/sheets/Overview") + "/image"
	tests := []struct {
		name  string
		query []string
		size  image.Point
		code  string
	}{
		{"default", nil, image.Pt(800, 600), ""},
		{"high resolution", []string{"resolution", "high"}, image.Pt(1600, 1200), ""},
		{"own size", []string{"vizWidth", "1000", "vizHeight", "400"}, image.Pt(1000, 400), ""},
		{"own size, high", []string{"vizWidth", "500", "vizHeight", "400", "resolution", "high"}, image.Pt(1000, 800), ""},
		{"tiny", []string{"vizWidth", "1", "vizHeight", "1"}, image.Pt(1, 1), ""},
		{"width alone", []string{"vizWidth", "500"}, image.Point{}, "400010"},
		{"no number", []string{"vizWidth", "wide", "vizHeight", "400"}, image.Point{}, "400010"},
		{"unknown resolution", []string{"resolution", "low"}, image.Point{}, "400010"},
		{"unknown format", []string{"format", "bmp"}, image.Point{}, "400010"},
		{"age", []string{"maxAge", "5"}, image.Pt(800, 600), ""},
		{"invalid age", []string{"maxAge", "old"}, image.Point{}, "400010"},
		{"unequal filters", []string{"vf_Region", "East,West", "vf_Category", "Furniture"}, image.Point{}, "400074"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := alice.get(path, tt.query...)
			if a.code() != tt.code {
				t.Fatalf("code %q, want %q", a.code(), tt.code)
			}
			if tt.code == "" {
				if got := decode(t, a).Bounds().Size(); got != tt.size {
					t.Errorf("size %v, want %v", got, tt.size)
				}
			}
		})
	}
}

func TestEveryKindOfChartIsDrawn(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{APIVersion: "3.29"})
	carol := c.user("carol", "")
	seen := map[string]bool{}
	for _, v := range carol.get("views", "pageSize", "1000").items("views", "view") {
		name := v["name"].(string)
		if seen[name] {
			continue
		}
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := "views/" + v["id"].(string)
			if n := colors(decode(t, carol.get(path+"/image"))); n < 20 {
				t.Errorf("only %d colors", n)
			}
			a := carol.get(path+"/image", "format", "svg")
			if a.header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(a.body, "<svg ") || !strings.Contains(a.body, "</text>") {
				t.Errorf("SVG: %d %.100s", a.status, a.body)
			}
			if strings.Count(a.body, "<text") < 6 || strings.Contains(a.body, "NaN") {
				t.Errorf("SVG has few texts or no numbers: %s", a.body)
			}
		})
	}
	if len(seen) < 20 {
		t.Errorf("only %d kinds of views", len(seen))
	}
}

func TestFormatBeforeItsVersionIsIgnored(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	decode(t, c.user("alice", "").get("views/"+c.sim.ViewID("", "Superstore/sheets/Overview")+"/image", "format", "svg"))
}

func TestThumbnails(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	book, view := c.sim.WorkbookID("", "Superstore"), c.sim.ViewID("", "Superstore/sheets/Overview")
	a := alice.get("workbooks/" + book + "/previewImage")
	b := alice.get("workbooks/" + book + "/views/" + view + "/previewImage")
	if img := decode(t, a); img.Bounds().Size() != image.Pt(320, 240) || colors(img) < 10 {
		t.Errorf("thumbnail %v", img.Bounds())
	}
	if a.body != b.body {
		t.Error("the workbook's thumbnail is not that of its default view")
	}
	other := c.sim.ViewID("", "Regional/sheets/Overview")
	if a := alice.get("workbooks/" + book + "/views/" + other + "/previewImage"); a.code() != "404011" {
		t.Errorf("view of another workbook: %d %s", a.status, a.code())
	}
	alice.accept = "image/png"
	decode(t, alice.get("workbooks/"+book+"/previewImage"))
	if a := alice.get("workbooks/" + nobody + "/previewImage"); a.status != 404 || !strings.Contains(a.body, `code="404006"`) {
		t.Errorf("an error to who accepts images only: %d %s", a.status, a.body)
	}
}

func rows(t *testing.T, a answer) [][]string {
	t.Helper()
	if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") {
		t.Fatalf("no CSV: %d %v %s", a.status, a.header, a.body)
	}
	out, err := csv.NewReader(bytes.NewReader([]byte(a.body))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDataIsFormattedAndFiltered(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	path := "views/" + c.sim.ViewID("", "Superstore/sheets/Overview") + "/data"
	whole := rows(t, alice.get(path))
	if diff := cmp.Diff([]string{"Region", "Category", "Sales", "Profit"}, whole[0]); diff != "" {
		t.Error(diff)
	}
	if len(whole) != 13 || !strings.HasPrefix(whole[1][2], "$") || !strings.Contains(whole[1][2], ",") {
		t.Errorf("got %v", whole)
	}
	tests := []struct {
		name  string
		query []string
		want  int // rows without the header
		code  string
	}{
		{"one value", []string{"vf_Region", "East"}, 3, ""},
		{"two values", []string{"vf_Region", "East,West"}, 6, ""},
		{"two fields, paired by position", []string{"vf_Region", "East,West", "vf_Category", "Furniture,Technology"}, 2, ""},
		{"unequal numbers", []string{"vf_Region", "East,West", "vf_Category", "Furniture"}, 0, "400081"},
		{"value that matches nothing", []string{"vf_Region", "Mars"}, 0, ""},
		{"values are case sensitive", []string{"vf_Region", "east"}, 0, ""},
		{"unknown field", []string{"vf_Colour", "Red"}, 12, ""},
		{"parameter", []string{"vf_Parameters.Top N", "5"}, 12, ""},
		{"invalid age", []string{"maxAge", "-1"}, 0, "400010"},
	}
	for _, tt := range tests {
		a := alice.get(path, tt.query...)
		if a.code() != tt.code {
			t.Errorf("%s: code %q, want %q", tt.name, a.code(), tt.code)
		}
		if tt.code == "" && len(rows(t, a)) != tt.want+1 {
			t.Errorf("%s: %d rows, want %d", tt.name, len(rows(t, a))-1, tt.want)
		}
	}
	if n := colors(decode(t, alice.get(strings.TrimSuffix(path, "data")+"image", "vf_Region", "Mars"))); n < 3 {
		t.Errorf("an image without data says nothing: %d colors", n)
	}
}

func TestPersonalViewsShowTheRowsOfWhoLooks(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	path := "views/" + c.sim.ViewID("", "AccountTracker/sheets/MyAccounts")
	alice, bob := c.user("alice", ""), c.user("bob", "")
	a, b := rows(t, alice.get(path+"/data")), rows(t, bob.get(path+"/data"))
	if a[1][0] != "Alice Cook" || b[1][0] != "Bob Smith" || a[1][2] == b[1][2] {
		t.Errorf("alice %v, bob %v", a[1], b[1])
	}
	if alice.get(path+"/image").body == bob.get(path+"/image").body {
		t.Error("both see one image")
	}
	if again := alice.get(path + "/data").body; again != alice.get(path+"/data").body {
		t.Error("the data change from call to call")
	}
}
