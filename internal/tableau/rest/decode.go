package rest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"reflect"
	"strings"

	"vitrine/internal/tableau/rest/scan"
)

// Envelope is what every answer may hold beside its content. An answer of any status may hold an
// error.
type Envelope struct {
	Error      *wireError `json:"error" xml:"error"`
	Pagination Pagination `json:"pagination" xml:"pagination"`
}

func (e *Envelope) fault() *wireError { return e.Error }

// Answer is a decoded body.
type Answer interface{ fault() *wireError }

type wireError struct {
	Code    Text `json:"code" xml:"code,attr"`
	Summary Text `json:"summary" xml:"summary"`
	Detail  Text `json:"detail" xml:"detail"`
}

// Pagination says which page of a list an answer is.
type Pagination struct {
	PageNumber     Int `json:"pageNumber" xml:"pageNumber,attr"`
	PageSize       Int `json:"pageSize" xml:"pageSize,attr"`
	TotalAvailable Int `json:"totalAvailable" xml:"totalAvailable,attr"`
}

// Given reports whether the answer had a pagination.
func (p Pagination) Given() bool { return p.PageNumber.Valid || p.TotalAvailable.Valid }

var (
	errHTML   = errors.New("it is a web page, not an answer of the REST API: tableau.url may lead to a proxy or to a sign-in page")
	errBroken = errors.New("it broke off")
	errBare   = errors.New("it has no code of Tableau's: tableau.url may lead to something that is no Tableau")
)

// Decode reads a successful answer, which may hold an error nevertheless. An answer without
// anything that its type has a place for is an error; an empty container is not. What was decoded
// does not refer to body.
func Decode(body []byte, contentType string, into Answer) error {
	return decodeNeeded(body, contentType, into, nil)
}

// decodeNeeded is Decode for members that are needed; others may be left out.
func decodeNeeded(body []byte, contentType string, into Answer, needed *scan.Members) error {
	if done, err := decodeOrdinary(body, contentType, into, needed); done {
		return err
	}
	return DecodeUnusual(body, contentType, into)
}

// decodeOrdinary reads JSON of the usual form, which is nearly every answer. Where it is not done,
// nothing was decoded.
func decodeOrdinary(body []byte, contentType string, into Answer, needed *scan.Members) (done bool, err error) {
	target := reflect.ValueOf(into).Elem()
	if len(body) == 0 || body[0] != '{' || !isJSON(contentType) || !target.IsZero() {
		return false, nil
	}
	switch result := scan.Decode(body, into, tidy, needed); {
	case !result.OK:
	case into.fault() != nil:
		return true, nil
	case !result.Unknown: // nothing is in another place than expected
		return true, checkExpected(body, into)
	case filled(target) && checkExpected(body, into) == nil:
		return true, nil
	}
	target.SetZero()
	return false, nil
}

// isJSON reports whether a Content-Type says JSON, or nothing.
func isJSON(contentType string) bool {
	const media = "application/json"
	return contentType == "" || contentType == media || strings.HasPrefix(contentType, media+";")
}

// DecodeUnusual is Decode for answers of any form: XML, other encodings, and JSON that has not the
// form of its type. Tests compare Decode with it.
func DecodeUnusual(body []byte, contentType string, into Answer) error {
	if err := decodeAny(body, contentType, into); err != nil || into.fault() != nil {
		return err
	}
	return checkExpected(body, into)
}

// decodeAny reads an answer by its Content-Type and, where that says neither JSON nor XML, by its
// first byte: some servers answer XML whatever was asked for. One member that cannot be read costs
// that member, never the answer.
func decodeAny(body []byte, contentType string, into Answer) error {
	media, _, _ := mime.ParseMediaType(contentType)
	body = bytes.TrimSpace(toUTF8(body, contentType))
	var err error
	switch {
	case len(body) == 0:
		return errors.New("it is empty")
	case media == "text/html" || looksLikeHTML(body):
		return errHTML
	case body[0] == '<':
		err = decodeXML(body, into)
	case (body[0] == '{' || body[0] == '[') && !strings.HasSuffix(media, "xml"):
		err = unmarshalUnusual(body, into)
		if err == nil && !filled(reflect.ValueOf(into).Elem()) { // perhaps there is an item in the place of its container
			err = unmarshalStraight(body, into)
		}
	default:
		return fmt.Errorf("it is neither JSON nor XML (Content-Type %q)", media)
	}
	if err == nil {
		tidy(reflect.ValueOf(into))
	}
	return err
}

// decodeXML reads XML, and once more without what no XML may hold where that is what is wrong with
// it.
func decodeXML(body []byte, into Answer) error {
	if bytes.HasPrefix(body, []byte("<?xml")) { // it names the encoding that the body had before
		_, body, _ = bytes.Cut(body, []byte("?>"))
	}
	err := decodeElements(body, into)
	var broken *xml.SyntaxError
	if !errors.As(err, &broken) {
		return err
	}
	legal := legalXML(body)
	if bytes.Equal(legal, body) {
		return err
	}
	reflect.ValueOf(into).Elem().SetZero() // the first attempt may have left parts
	return decodeElements(legal, into)
}

func decodeElements(body []byte, into Answer) error {
	d := xml.NewTokenDecoder(&once{tokens: xml.NewDecoder(bytes.NewReader(body)), root: reflect.TypeOf(into)})
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "tsResponse":
		case "html":
			return errHTML
		default:
			return fmt.Errorf("its root element is %q, not tsResponse", Clip(start.Name.Local, 40))
		}
		if err := d.DecodeElement(into, &start); err != nil {
			return err
		}
		return nothingElse(d)
	}
}

// nothingElse refuses what follows the root element, as JSON refuses what follows its object: such
// an answer is two, or garbled.
func nothingElse(d *xml.Decoder) error {
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement, xml.Directive:
			return errors.New("something follows its root element")
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return errors.New("something follows its root element")
			}
		}
	}
}

func looksLikeHTML(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 64)])
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}
