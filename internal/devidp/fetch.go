package devidp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// FetchToken asks the development door of a running provider for an access token of a user. The
// issuer is the provider's address, as in http://127.0.0.1:8082.
func FetchToken(ctx context.Context, issuer, user string) (string, error) {
	address := strings.TrimSuffix(issuer, "/") + PathDevToken
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	form := strings.NewReader(url.Values{"user": {user}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, form)
	if err != nil {
		return "", fmt.Errorf("asking %q for a token: %w", issuer, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("the stand-in provider does not answer, is demo or sandbox running?: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		AccessToken string `json:"access_token"`
		Description string `json:"error_description"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&answer); err != nil {
		return "", fmt.Errorf("%s answered %s and no JSON, is it the stand-in provider?", address, resp.Status)
	}
	if resp.StatusCode != http.StatusOK || answer.AccessToken == "" {
		return "", fmt.Errorf("%s answered %s: %s", address, resp.Status, answer.Description)
	}
	return answer.AccessToken, nil
}
