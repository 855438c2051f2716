// SPDX-License-Identifier: Apache-2.0

package password

import (
	"bufio"
	"context"
	"crypto/sha1" //nolint:gosec // what the service asks for; it hides nothing here
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
)

// HIBPTimeout is how long a new password waits for the list of breached ones.
const HIBPTimeout = time.Second

// DefaultHIBP is where Have I Been Pwned answers.
const DefaultHIBP = "https://api.pwnedpasswords.com"

// hibpPrefix is how much of the hash the service learns, in hexadecimal digits;
// some hundred thousand passwords share it.
const hibpPrefix = 5

// maxHIBP bounds an answer, in bytes; a padded one has about 40 KiB.
const maxHIBP = 1 << 20

// NewHIBP returns a question for [Rules] that asks Have I Been Pwned, or
// whatever speaks its range API at baseURL (empty means [DefaultHIBP]). The
// service learns the first five digits of the SHA-1 of the NFKC form, and by
// padding not even how many passwords share them. A question takes
// [HIBPTimeout] at most. Its errors say nothing of the password.
func NewHIBP(baseURL string, client *http.Client) func(ctx context.Context, plain gatelatch.Secret) (bool, error) {
	if baseURL == "" {
		baseURL = DefaultHIBP
	}
	if client == nil {
		client = http.DefaultClient
	}
	h := hibp{base: strings.TrimRight(baseURL, "/"), client: client}
	return h.breached
}

type hibp struct {
	base   string
	client *http.Client
}

func (h hibp) breached(ctx context.Context, plain gatelatch.Secret) (bool, error) {
	sum := sha1.Sum([]byte(normal(plain))) //nolint:gosec // see above
	digest := strings.ToUpper(hex.EncodeToString(sum[:]))
	ctx, cancel := context.WithTimeout(ctx, HIBPTimeout)
	defer cancel()
	found, err := h.ask(ctx, digest[:hibpPrefix], digest[hibpPrefix:])
	if err != nil {
		// The cause of a failed request names its URL, and with it the digits.
		return false, fmt.Errorf("asking for breached passwords: %w", withoutURL(err))
	}
	return found, nil
}

func (h hibp) ask(ctx context.Context, prefix, rest string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.base+"/range/"+prefix, nil)
	if err != nil {
		return false, err
	}
	req.Header.Set("Add-Padding", "true")
	req.Header.Set("User-Agent", "gatelatch")
	answer, err := h.client.Do(req)
	if err != nil {
		return false, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return false, fmt.Errorf("the service answered %d", answer.StatusCode)
	}
	return listed(io.LimitReader(answer.Body, maxHIBP), rest)
}

// listed looks for "<rest of the hash>:<count>". Lines of padding have a count
// of nought.
func listed(body io.Reader, rest string) (bool, error) {
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		suffix, count, _ := strings.Cut(strings.TrimSpace(lines.Text()), ":")
		if strings.EqualFold(suffix, rest) {
			return strings.Trim(count, "0") != "", nil
		}
	}
	return false, lines.Err()
}

func withoutURL(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
