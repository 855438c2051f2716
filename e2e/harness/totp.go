// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 in the form that apps know
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"html"
	"regexp"
	"strings"
	"sync"
	"time"
)

const (
	step = 30 // seconds, RFC 6238 section 4
	// margin is how long a code has to go on working, in seconds.
	margin = 12
)

// App is an authenticator app (RFC 6238) that never shows a code twice.
type App struct {
	secret []byte

	mu   sync.Mutex
	last int64
}

// NewApp takes the key as people type it.
func NewApp(typed string) (*App, error) {
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(strings.TrimSpace(typed), " ", ""))
	if err != nil {
		return nil, fmt.Errorf("the key of an app: %w", err)
	}
	return &App{secret: secret}, nil
}

// Next returns a code that works now and has not been shown. A gate takes those
// of the step before and after, too, which spares waiting.
func (a *App) Next() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = max(a.last+1, (time.Now().Unix()+margin)/step-1) // not one that is about to lapse
	for time.Now().Unix()/step+1 < a.last {
		time.Sleep(100 * time.Millisecond)
	}
	return a.At(a.last)
}

// At is the code of one step (RFC 4226 5.3).
func (a *App) At(n int64) string {
	mac := hmac.New(sha1.New, a.secret)
	_ = binary.Write(mac, binary.BigEndian, n) // a hash takes everything
	sum := mac.Sum(nil)
	part := sum[sum[len(sum)-1]&0x0f:]
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(part)&0x7fffffff%1_000_000)
}

var (
	typedKey   = regexp.MustCompile(`(?s)class="key"><bdi[^>]*>([^<]+)<`)
	backupCode = regexp.MustCompile(`<li>([0-9a-z]{5}-[0-9a-z]{5})</li>`)
)

// SetUpApp sets up an authenticator app on the account page of a visitor who has
// just signed in. It returns the app and the backup codes.
func (v *Visitor) SetUpApp() (*App, []string, error) {
	p, err := v.Open("/.auth/account/totp")
	if err == nil && p.Has("start") {
		p, err = v.Follow(v.Submit(p, "start", nil))
	}
	if err != nil {
		return nil, nil, err
	}
	key := typedKey.FindStringSubmatch(p.Body)
	if key == nil {
		return nil, nil, fmt.Errorf("no key on %s (%d): %.900s", p.URL.Path, p.Status, p.Body)
	}
	app, err := NewApp(html.UnescapeString(key[1]))
	if err != nil {
		return nil, nil, err
	}
	p, err = v.Submit(p, "verify", map[string]string{"code": app.Next()})
	if err != nil {
		return nil, nil, err
	}
	codes := BackupCodes(p.Body)
	if len(codes) == 0 {
		return nil, nil, fmt.Errorf("no backup codes, but %d: %.900s", p.Status, p.Body)
	}
	return app, codes, nil
}

// BackupCodes finds the backup codes on a page.
func BackupCodes(body string) []string {
	var list []string
	for _, m := range backupCode.FindAllStringSubmatch(body, -1) {
		list = append(list, m[1])
	}
	return list
}
