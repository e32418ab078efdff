package tableau

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"sync"
)

// Thumbnail is a small picture that Tableau keeps, and an address where it can be fetched.
type Thumbnail struct {
	URL         URL
	ExpiresAt   Time
	ContentType string
	FileName    string
	Disposition Disposition

	picture func(context.Context) ([]byte, error)
}

// Read makes s read the picture, once, when its bytes are wanted.
func (t *Thumbnail) Read(s *Session, x *Export) {
	var read sync.Mutex
	var picture []byte
	var err error
	done := false
	t.picture = func(ctx context.Context) ([]byte, error) {
		read.Lock()
		defer read.Unlock()
		if !done {
			picture, err = s.Bytes(ctx, x, maxInline)
			done = true
		}
		return picture, err
	}
}

// IsFileLink marks a Thumbnail as a link to a file.
func (*Thumbnail) IsFileLink() {}

// Width and Height are the size in pixels, read from the picture; null if it is too large or no PNG
// picture. GET workbooks/{id}/previewImage, or workbooks/{id}/views/{id}/previewImage.
func (t *Thumbnail) Width(ctx context.Context) (Int, error) {
	width, _, err := t.size(ctx)
	return width, err
}

// Height is as Width.
func (t *Thumbnail) Height(ctx context.Context) (Int, error) {
	_, height, err := t.size(ctx)
	return height, err
}

func (t *Thumbnail) size(ctx context.Context) (width, height Int, err error) {
	picture, err := t.picture(ctx)
	var large *TooLargeError
	if err != nil && !errors.As(err, &large) {
		return Int{}, Int{}, err
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return Int{}, Int{}, nil //nolint:nilerr // it has no size that can be known
	}
	return NewInt(int64(size.Width)), NewInt(int64(size.Height)), nil
}

// maxInline bounds the picture within an answer, in bytes.
const maxInline = 256 << 10

// DataURI is the picture itself, as a data: address. GET workbooks/{id}/previewImage, or
// workbooks/{id}/views/{id}/previewImage.
func (t *Thumbnail) DataURI(ctx context.Context, maxBytes int32) (*string, error) {
	if maxBytes < 1 || maxBytes > maxInline {
		return nil, &InputError{Reason: fmt.Sprintf("maxBytes is %d: it can be 1 to %d", maxBytes, maxInline)}
	}
	picture, err := t.picture(ctx)
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
	case v.parent() != nil:
		return v.parent().LUID
	case v.WorkbookRef != nil:
		return v.WorkbookRef.LUID
	}
	return ""
}
