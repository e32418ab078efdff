package rest

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// checkWhole returns why a successful answer is not all that was asked for. No request of this
// package has a range or a condition, and none asks for an encoding but gzip, which is undone by now,
// so anything else than 200 without them was made by something in between, and is a part of the
// answer or unreadable (RFC 9110, 8.4, 14.4, 15.3 and 15.4.5).
func checkWhole(r *request, res *http.Response) error {
	created := r.method == http.MethodPost && res.StatusCode == http.StatusCreated // so POST usage-stats answers
	if res.StatusCode != http.StatusOK && !created {
		return fmt.Errorf("status %d is not a whole answer", res.StatusCode)
	}
	if res.Header.Get("Content-Range") != "" {
		return errors.New("it is a part of the answer: it has a Content-Range")
	}
	for _, header := range res.Header.Values("Content-Encoding") {
		for coding := range strings.SplitSeq(header, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "identity") {
				return fmt.Errorf("it has the Content-Encoding %q, which was not asked for", Clip(coding, maxCode))
			}
		}
	}
	if media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); media == "multipart/byteranges" {
		return errors.New("it is parts of the answer: multipart/byteranges")
	}
	return nil
}
