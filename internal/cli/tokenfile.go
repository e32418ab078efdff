package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// maxTokenFile bounds a file with a token or its claims, in bytes: no token that is let in is
// larger.
const maxTokenFile = 64 << 10

// readTokenFile reads the file of a flag that holds an access token, alone, as a header or as the
// answer of a token endpoint, or claims. No error repeats what may be a token: some people give
// that in place of the file.
func readTokenFile(flag, file string) (string, error) {
	if tokenLike(file) {
		return "", fmt.Errorf("--%s names a file, and was given a token: write the token into a file that only you can read, and name that", flag)
	}
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("--%s%s cannot be read: %w", flag, shownFile(file), withoutPath(err))
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxTokenFile+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("--%s%s cannot be read: %w", flag, shownFile(file), withoutPath(err))
	case len(data) > maxTokenFile:
		return "", fmt.Errorf("--%s%s has more than %d bytes: is this the right file?", flag, shownFile(file), maxTokenFile)
	case !utf8.Valid(data):
		return "", fmt.Errorf("--%s%s is not UTF-8, perhaps UTF-16: save it as UTF-8", flag, shownFile(file))
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff"))
	text = trimFold(trimFold(text, "authorization:"), "bearer ")
	var answer struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal([]byte(text), &answer) == nil && answer.Token != "" {
		text = answer.Token
	}
	if text == "" {
		return "", fmt.Errorf("--%s%s is empty", flag, shownFile(file))
	}
	return text, nil
}

// trimFold takes a prefix off, in whatever case, and the white space behind it.
func trimFold(text, prefix string) string {
	if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
		return strings.TrimSpace(text[len(prefix):])
	}
	return text
}

// tokenLike reports whether a text is a JWT, or would be one in a header.
func tokenLike(text string) bool {
	text = trimFold(strings.TrimSpace(text), "bearer ")
	return strings.HasPrefix(text, "eyJ") || strings.Count(text, ".") == 2 && len(text) > 100
}

// shownFile is the name of a file, if it looks like one.
func shownFile(file string) string {
	if len(file) > 200 || !strings.ContainsAny(file, "/.") {
		return ""
	}
	return fmt.Sprintf(" %q", file)
}

func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
