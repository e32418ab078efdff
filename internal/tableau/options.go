package tableau

import (
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"vitrine/internal/tableau/rest"
)

// ViewOptions is the state in which a view is drawn or read.
type ViewOptions struct {
	Filters       []*ViewFieldFilter `json:"f,omitempty"`
	Combine       FilterCombination  `json:"c,omitempty"`
	Parameters    []*ViewParameter   `json:"p,omitempty"`
	MaxAgeMinutes *int32             `json:"a,omitempty"`
	Language      *string            `json:"l,omitempty"`
}

// ViewFieldFilter keeps values of one field: vf_Field=value,value.
type ViewFieldFilter struct {
	Field  string   `json:"f"`
	Values []string `json:"v"`
}

// ViewParameter is the value of one parameter: vf_Parameters.Name=value.
type ViewParameter struct {
	Name  string `json:"n"`
	Value string `json:"v"`
}

// FilterCombination says how several filtered fields go together.
type FilterCombination string

// How fields go together: by position, as Tableau does it, or each value with each.
const (
	Pairs   FilterCombination = ""
	Product FilterCombination = "product"
)

var filterCombinations = map[string]string{string(Pairs): "PAIRS", string(Product): "PRODUCT"}

// MarshalGQL writes the schema's value.
func (c FilterCombination) MarshalGQL(w io.Writer) {
	_, _ = io.WriteString(w, strconv.Quote(filterCombinations[string(c)]))
}

// UnmarshalGQL takes one of the schema's values.
func (c *FilterCombination) UnmarshalGQL(v any) error {
	switch v {
	case "PAIRS":
		*c = Pairs
	case "PRODUCT":
		*c = Product
	default:
		return fmt.Errorf("%v is not taken as input", v)
	}
	return nil
}

// PixelSize is a size in pixels.
type PixelSize struct {
	Width  int32 `json:"w"`
	Height int32 `json:"h"`
}

// maxPixels bounds each side of a drawing.
const maxPixels = 10_000

func (p *PixelSize) check() error {
	for _, side := range []struct {
		name  string
		value int32
	}{{"width", p.Width}, {"height", p.Height}} {
		if side.value < 1 || side.value > maxPixels {
			return &InputError{Reason: fmt.Sprintf("size.%s is %d: it can be 1 to %d", side.name, side.value, maxPixels)}
		}
	}
	return nil
}

// Bounds of the state of a view.
const (
	maxFields     = 20
	maxValues     = 500 // of a field, and of pairs
	maxParameters = 50
	maxNameRunes  = 200
	maxValueRunes = 1000
	maxAge        = 240 // minutes
	// maxStateBytes bounds the size of filters and parameters in an address: servers and proxies
	// limit the length of a line.
	maxStateBytes = 16 << 10
)

var languages = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$`)

// query writes the state down as parameters, or says what cannot be asked.
func (o *ViewOptions) query() (url.Values, error) {
	q := url.Values{}
	if o == nil {
		return q, nil
	}
	if o.MaxAgeMinutes != nil {
		if *o.MaxAgeMinutes < 1 || *o.MaxAgeMinutes > maxAge {
			return nil, &InputError{Reason: fmt.Sprintf("maxAgeMinutes is %d: it can be 1 to %d", *o.MaxAgeMinutes, maxAge)}
		}
		q.Set("maxAge", strconv.Itoa(int(*o.MaxAgeMinutes)))
	}
	if o.Language != nil && *o.Language != "" {
		if !languages.MatchString(*o.Language) {
			return nil, &InputError{Reason: fmt.Sprintf("language is %q: it is written like de-DE", rest.Clip(*o.Language, 40))}
		}
		q.Set("language", *o.Language)
	}
	if err := o.filter(q); err != nil {
		return nil, err
	}
	if err := o.parameters(q); err != nil {
		return nil, err
	}
	if n := len(q.Encode()); n > maxStateBytes {
		return nil, &InputError{Reason: fmt.Sprintf("filters and parameters have %d bytes as Tableau takes them in an address: at most %d", n, maxStateBytes)}
	}
	return q, nil
}

func (o *ViewOptions) filter(q url.Values) error {
	if len(o.Filters) > maxFields {
		return &InputError{Reason: fmt.Sprintf("filters has %d fields: at most %d", len(o.Filters), maxFields)}
	}
	for _, f := range o.Filters {
		if err := f.check(); err != nil {
			return err
		}
		if q.Has("vf_" + f.Field) {
			return &InputError{Reason: fmt.Sprintf("filters names the field %q twice: give all its values at once", f.Field)}
		}
		q.Set("vf_"+f.Field, joinValues(f.Values))
	}
	if len(o.Filters) < 2 {
		return nil
	}
	if o.Combine == Product {
		return o.product(q)
	}
	first := o.Filters[0]
	for _, f := range o.Filters[1:] {
		if len(f.Values) != len(first.Values) {
			return &InputError{Reason: fmt.Sprintf(
				"filters pairs values by position, and %q has %d values where %q has %d: give as many of each, or take combine: PRODUCT for every combination",
				f.Field, len(f.Values), first.Field, len(first.Values))}
		}
	}
	return nil
}

// product writes out every combination: Tableau knows only pairs.
func (o *ViewOptions) product(q url.Values) error {
	pairs := 1
	for _, f := range o.Filters {
		if pairs *= len(f.Values); pairs > maxValues {
			return &InputError{Reason: fmt.Sprintf("filters has more than %d combinations: name fewer values", maxValues)}
		}
	}
	each := pairs // how many combinations go by until a field's next value
	for _, f := range o.Filters {
		each /= len(f.Values)
		values := make([]string, pairs)
		for i := range values {
			values[i] = f.Values[i/each%len(f.Values)]
		}
		q.Set("vf_"+f.Field, joinValues(values))
	}
	return nil
}

func (f *ViewFieldFilter) check() error {
	if err := checkWord("a filtered field", f.Field, maxNameRunes); err != nil {
		return err
	}
	if strings.HasPrefix(f.Field, parameterPrefix) {
		return &InputError{Reason: fmt.Sprintf("the field %q would set a parameter: parameters have a list of their own", f.Field)}
	}
	if len(f.Values) < 1 || len(f.Values) > maxValues {
		return &InputError{Reason: fmt.Sprintf("the field %q has %d values: it can have 1 to %d, and a filter that keeps all is left out", f.Field, len(f.Values), maxValues)}
	}
	for _, v := range f.Values {
		if err := checkValue(f.Field, v); err != nil {
			return err
		}
	}
	return nil
}

const parameterPrefix = "Parameters."

func (o *ViewOptions) parameters(q url.Values) error {
	if len(o.Parameters) > maxParameters {
		return &InputError{Reason: fmt.Sprintf("parameters has %d of them: at most %d", len(o.Parameters), maxParameters)}
	}
	for _, p := range o.Parameters {
		if err := checkWord("a parameter", p.Name, maxNameRunes); err != nil {
			return err
		}
		if err := checkValue(p.Name, p.Value); err != nil {
			return err
		}
		name := "vf_" + parameterPrefix + strings.TrimPrefix(p.Name, parameterPrefix)
		if q.Has(name) {
			return &InputError{Reason: fmt.Sprintf("parameters names %q twice", p.Name)}
		}
		q.Set(name, joinValues([]string{p.Value}))
	}
	return nil
}

// joinValues writes the values of one view filter. Tableau separates them at commas; within a value
// a comma is written \, and a backslash \\, as in the addresses of views.
func joinValues(values []string) string {
	escaped := make([]string, len(values))
	for i, v := range values {
		escaped[i] = viewFilterEscapes.Replace(v)
	}
	return strings.Join(escaped, ",")
}

var viewFilterEscapes = strings.NewReplacer(`\`, `\\`, ",", `\,`)

func checkValue(field, value string) error {
	return checkWord(fmt.Sprintf("a value of %q", field), value, maxValueRunes)
}

func checkWord(what, text string, most int) error {
	switch n := len([]rune(text)); {
	case n == 0:
		return &InputError{Reason: what + " is empty"}
	case n > most:
		return &InputError{Reason: fmt.Sprintf("%s has %d characters: at most %d", what, n, most)}
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }):
		return &InputError{Reason: what + " has a control character"}
	}
	return nil
}

// ImageFormat is a file format of a picture, as Tableau writes it.
type ImageFormat string

// Formats of pictures.
const (
	PNG ImageFormat = "png"
	SVG ImageFormat = "svg"
)

var imageFormats = map[string]string{string(PNG): "PNG", string(SVG): "SVG"}

// MarshalGQL writes the schema's value.
func (f ImageFormat) MarshalGQL(w io.Writer) { writeEnum(w, imageFormats, string(f)) }

// UnmarshalGQL takes one of the schema's values.
func (f *ImageFormat) UnmarshalGQL(v any) error { return readEnum((*string)(f), imageFormats, v) }

// ImageResolution is how finely a picture is drawn.
type ImageResolution string

// Resolutions of pictures.
const (
	Standard ImageResolution = "standard"
	High     ImageResolution = "high"
)

var imageResolutions = map[string]string{string(Standard): "STANDARD", string(High): "HIGH"}

// MarshalGQL writes the schema's value.
func (r ImageResolution) MarshalGQL(w io.Writer) { writeEnum(w, imageResolutions, string(r)) }

// UnmarshalGQL takes one of the schema's values.
func (r *ImageResolution) UnmarshalGQL(v any) error {
	return readEnum((*string)(r), imageResolutions, v)
}

// PaperSize is a size of paper, as Tableau writes it.
type PaperSize string

var paperSizes = map[string]string{
	"A3": "A3", "A4": "A4", "A5": "A5", "B5": "B5", "Executive": "EXECUTIVE", "Folio": "FOLIO", "Ledger": "LEDGER", "Legal": "LEGAL",
	"Letter": "LETTER", "Note": "NOTE", "Quarto": "QUARTO", "Tabloid": "TABLOID",
}

// MarshalGQL writes the schema's value.
func (p PaperSize) MarshalGQL(w io.Writer) { writeEnum(w, paperSizes, string(p)) }

// UnmarshalGQL takes one of the schema's values.
func (p *PaperSize) UnmarshalGQL(v any) error { return readEnum((*string)(p), paperSizes, v) }

// PageOrientation is which way a page is turned, as Tableau writes it.
type PageOrientation string

var pageOrientations = map[string]string{"Portrait": "PORTRAIT", "Landscape": "LANDSCAPE"}

// MarshalGQL writes the schema's value.
func (o PageOrientation) MarshalGQL(w io.Writer) { writeEnum(w, pageOrientations, string(o)) }

// UnmarshalGQL takes one of the schema's values.
func (o *PageOrientation) UnmarshalGQL(v any) error {
	return readEnum((*string)(o), pageOrientations, v)
}

// Disposition is what a browser does with a file that it opens by its address, as in the header
// Content-Disposition (RFC 6266).
type Disposition string

// What a browser does with a file.
const (
	Inline     Disposition = "inline" // it displays it
	Attachment Disposition = "attachment"
)

var dispositions = map[string]string{string(Inline): "INLINE", string(Attachment): "ATTACHMENT"}

// MarshalGQL writes the schema's value.
func (d Disposition) MarshalGQL(w io.Writer) { writeEnum(w, dispositions, string(d)) }

// UnmarshalGQL takes one of the schema's values.
func (d *Disposition) UnmarshalGQL(v any) error { return readEnum((*string)(d), dispositions, v) }
