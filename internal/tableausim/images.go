package tableausim

import (
	"strconv"
	"strings"
	"sync"

	"vitrine/internal/tableausim/draw"

	"vitrine/internal/tableausim/wire"
)

// Sizes in pixels: of a view's image without vizWidth and vizHeight, and of thumbnails.
const (
	imageWidth, imageHeight = 800, 600
	thumbWidth, thumbHeight = 320, 240
	maxSide                 = 4000
)

// API versions that brought the size and the format of images.
var (
	sizeSince   = ver(3, 23)
	formatSince = ver(3, 29)
)

// picture is what an image request asks for, with high resolution already in the pixels.
type picture struct {
	width, height int
	scale         float64 // pixels per unit of the drawing
	svg           bool
}

func errImage(detail string, args ...any) *wire.Error { return wire.Fail("400010", detail, args...) }

// readPicture reads resolution, vizWidth, vizHeight, format and maxAge.
func readPicture(c *call) (picture, error) {
	p := picture{width: imageWidth, height: imageHeight, scale: 1}
	if err := checkMaxAge(c); err != nil {
		return p, err
	}
	w, h := c.query.Get("vizWidth"), c.query.Get("vizHeight")
	if !c.version.less(sizeSince) && (w != "" || h != "") {
		var errW, errH error
		p.width, errW = strconv.Atoi(w)
		p.height, errH = strconv.Atoi(h)
		if errW != nil || errH != nil || p.width < 1 || p.height < 1 || p.width > maxSide || p.height > maxSide {
			return p, errImage("vizWidth '%s' and vizHeight '%s' must both be whole numbers from 1 to %d.", w, h, maxSide)
		}
	}
	switch r := c.query.Get("resolution"); strings.ToLower(r) {
	case "":
	case "high":
		p.width, p.height, p.scale = 2*p.width, 2*p.height, 2
	default:
		return p, errImage("Resolution '%s' is not 'high'.", r)
	}
	if f := c.query.Get("format"); f != "" && !c.version.less(formatSince) {
		p.svg = strings.EqualFold(f, "svg")
		if !p.svg && !strings.EqualFold(f, "png") {
			return p, errImage("Format '%s' is not one of png, svg.", f)
		}
	}
	return p, nil
}

// workbookPreview is GET workbooks/{id}/previewImage: the thumbnail of the default view.
func workbookPreview(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	if len(w.views) == 0 || !c.user().seesView(w.views[0]) {
		return nil, errForbidden()
	}
	return thumbnail(c, w.views[0]), nil
}

// viewPreview is GET workbooks/{id}/views/{view}/previewImage: the stored thumbnail of a view.
func viewPreview(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	x, err := pathView(c, c.r.PathValue("view"))
	if err != nil {
		return nil, err
	}
	if x.workbook != w {
		return nil, errNotFound("404011", "View", x.id)
	}
	return thumbnail(c, x), nil
}

// thumbnail is a picture made when the workbook was published, by its owner: in a personal sheet it
// shows the owner's rows to everybody, as on a real server.
func thumbnail(c *call, x *view) *answer {
	p := picture{width: thumbWidth, height: thumbHeight, scale: 1}
	return c.s.draw(tableOf(x, x.workbook.owner), p, renderKey(x, x.workbook.owner, p, ""))
}

func renderKey(x *view, u *user, p picture, query string) string {
	who := ""
	if x.sheet.Personal {
		who = u.id
	}
	return strings.Join([]string{x.id, who, strconv.Itoa(p.width), strconv.Itoa(p.height), strconv.FormatBool(p.svg), query}, "\x00")
}

// draw makes the answer with a picture of a table; the drawing itself happens outside the world's
// lock.
func (s *Server) draw(t draw.Table, p picture, key string) *answer {
	a := &answer{contentType: "image/png"}
	if p.svg {
		a.contentType = "image/svg+xml"
	}
	a.body = func() ([]byte, error) {
		return s.renders.get(key, func() ([]byte, error) {
			if p.svg {
				return draw.SVG(t, p.width, p.height, p.scale), nil
			}
			return draw.PNG(t, p.width, p.height, p.scale)
		})
	}
	return a
}

// renderCache keeps the last pictures, as real servers do; a page of thumbnails is drawn once.
type renderCache struct {
	mu   sync.Mutex
	pics map[string][]byte
	size int
}

const maxRendered = 32 << 20 // bytes

func (r *renderCache) get(key string, draw func() ([]byte, error)) ([]byte, error) {
	r.mu.Lock()
	pic, ok := r.pics[key]
	r.mu.Unlock()
	if ok {
		return pic, nil
	}
	pic, err := draw()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pics == nil || r.size+len(pic) > maxRendered {
		r.pics, r.size = map[string][]byte{}, 0
	}
	r.pics[key] = pic
	r.size += len(pic)
	return pic, nil
}
