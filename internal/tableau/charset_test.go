package tableau

import (
	"encoding/binary"
	"slices"
	"testing"
	"unicode/utf16"

	"vitrine/internal/tableau/rest"
)

// utf16Bytes encodes a text in UTF-16 of one byte order.
func utf16Bytes(text string, order binary.AppendByteOrder) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// TestEncodings decodes the same answer from the bytes of each encoding. Bytes are written out
// here, so that the tables of charset.go are not compared with themselves.
func TestEncodings(t *testing.T) {
	t.Parallel()
	document := func(encoding, name string) string {
		return `<?xml version="1.0" encoding="` + encoding + `"?><tsResponse><workbooks><workbook id="w-1" name="` + name + `"/></workbooks></tsResponse>`
	}
	json := func(name string) string { return `{"workbooks":{"workbook":[{"id":"w-1","name":"` + name + `"}]}}` }
	const astral = "Zürich € 𝄞"
	little, big := binary.LittleEndian, binary.BigEndian
	for name, test := range map[string]struct {
		body  []byte
		media string
		want  Text
	}{
		"UTF-8 with a mark":                    {[]byte("\xef\xbb\xbf" + json(astral)), "application/json", astral},
		"UTF-16LE with a mark":                 {slices.Concat([]byte("\xff\xfe"), utf16Bytes(document("UTF-16", astral), little)), "application/xml", astral},
		"UTF-16BE with a mark":                 {slices.Concat([]byte("\xfe\xff"), utf16Bytes(document("UTF-16", astral), big)), "application/xml", astral},
		"UTF-16LE":                             {utf16Bytes(document("UTF-16LE", astral), little), "application/xml", astral},
		"UTF-16BE":                             {utf16Bytes(document("UTF-16BE", astral), big), "application/xml", astral},
		"JSON in UTF-16LE":                     {utf16Bytes(json(astral), little), "application/json", astral},
		"JSON in UTF-16BE with a mark":         {slices.Concat([]byte("\xfe\xff"), utf16Bytes(json(astral), big)), "application/json", astral},
		"UTF-16LE with a byte too many":        {append(utf16Bytes(document("UTF-16LE", astral), little), 'x'), "application/xml", astral},
		"ISO-8859-1":                           {[]byte(document("ISO-8859-1", "Z\xfcrich \xdf")), "application/xml", "Zürich ß"},
		"ISO-8859-1 by its content type":       {[]byte(json("Z\xfcrich")), "application/json; charset=ISO-8859-1", "Zürich"},
		"ISO-8859-1 with bytes of Windows":     {[]byte(document("latin1", "\x80 \x93a\x94")), "application/xml", "€ “a”"},
		"ISO-8859-15":                          {[]byte(document("ISO-8859-15", "\xa4 \xbd\xbe")), "application/xml", "€ œŸ"},
		"windows-1252":                         {[]byte(document("windows-1252", "\x80 \x8a \x9f \xe9")), "application/xml", "€ Š Ÿ é"},
		"windows-1252 by its content type":     {[]byte(json("\x84a\x93")), "application/json;charset=cp1252", "„a“"},
		"an encoding that is not known":        {[]byte(document("koi8-r", "a\xc1b")), "application/xml", "a\ufffdb"},
		"UTF-8, whatever the declaration says": {[]byte(document("ISO-8859-1", "Zürich")), "application/xml", "Zürich"},
	} {
		var a workbooksAnswer
		err := rest.Decode(test.body, test.media, &a)
		if test.want == "" {
			if err == nil {
				t.Errorf("%s: decoded", name)
			}
			continue
		}
		if err != nil || len(a.Workbooks.Items) != 1 || a.Workbooks.Items[0].LUID != "w-1" || Text(a.Workbooks.Items[0].Name) != test.want {
			t.Errorf("%s: %+v, error %v; want the name %q", name, a.Workbooks.Items, err, test.want)
		}
	}
	half := append(utf16Bytes(`{"workbooks":{"workbook":[{"id":"w-1","name":"a`, little), 0x1e, 0xd8)
	half = append(half, utf16Bytes(`b"}]}}`, little)...)
	var a workbooksAnswer
	if err := rest.Decode(half, "application/json", &a); err != nil || len(a.Workbooks.Items) != 1 || a.Workbooks.Items[0].Name != "a\ufffdb" {
		t.Errorf("half a pair: %+v, error %v", a.Workbooks.Items, err)
	}
}
