package tableau

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
)

// Thumbnail is a small picture that Tableau keeps, and an address where it can be fetched.
type Thumbnail struct {
	URL       URL
	ExpiresAt Time

	s *Session
	x *Export
}

// NewThumbnail gives a thumbnail that s reads.
func NewThumbnail(s *Session, x *Export, address URL, ends Time) *Thumbnail {
	return &Thumbnail{URL: address, ExpiresAt: ends, s: s, x: x}
}

// maxInline bounds the picture within an answer, in bytes.
const maxInline = 256 << 10

// DataURI is the picture itself, as a data: address. GET workbooks/{id}/previewImage, or
// workbooks/{id}/views/{id}/previewImage.
func (t *Thumbnail) DataURI(ctx context.Context, maxBytes int32) (*string, error) {
	if maxBytes < 1 || maxBytes > maxInline {
		return nil, &InputError{Reason: fmt.Sprintf("maxBytes is %d: it can be 1 to %d", maxBytes, maxInline)}
	}
	picture, err := t.s.Bytes(ctx, t.x, maxInline)
	var large *TooLargeError
	if errors.As(err, &large) || err == nil && len(picture) > int(maxBytes) {
		return nil, &InputError{Reason: fmt.Sprintf("the picture is larger than maxBytes, %d: ask for its address instead", maxBytes)}
	}
	if err != nil {
		return nil, err
	}
	address := "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture)
	return &address, nil
}

// WorkbookLUID is the workbook that a view is part of; empty where nothing says it.
func (v *View) WorkbookLUID() LUID {
	switch {
	case v.parent != nil:
		return v.parent.LUID
	case v.WorkbookRef != nil:
		return v.WorkbookRef.LUID
	}
	return ""
}
