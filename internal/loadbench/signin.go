// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

const address = "visitor@example.com"

var hidden = regexp.MustCompile(`type="hidden" name="([a-z_]+)" value="([^"]*)"`)

// signIn makes an account the way a browser without script does and returns
// the Cookie header of its session.
func signIn(addr, outbox string) (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	c := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	site := "http://" + addr
	page, at, err := fetch(c.Get(site + "/.auth/sign-up"))
	if err != nil {
		return "", err
	}
	page, at, err = fetch(c.PostForm(at, fill(page, url.Values{"step": {"sign_up"}, "email_address": {address}})))
	if err != nil {
		return "", err
	}
	code, err := awaitCode(outbox)
	if err != nil {
		return "", err
	}
	if _, _, err = fetch(c.PostForm(at, fill(page, url.Values{"step": {"verify"}, "code": {code}}))); err != nil {
		return "", err
	}
	u, err := url.Parse(site)
	if err != nil {
		return "", err
	}
	pairs := []string{"theme=dark"}
	for _, cookie := range jar.Cookies(u) {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	if len(pairs) != 3 {
		return "", errors.New("the gate did not set its two cookies")
	}
	return strings.Join(pairs, "; "), nil
}

func fetch(resp *http.Response, err error) (page, at string, _ error) {
	if err != nil {
		return "", "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), resp.Request.URL.String(), err
}

func fill(page string, v url.Values) url.Values {
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		v.Set(m[1], m[2])
	}
	return v
}

func awaitCode(outbox string) (string, error) {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		f, err := os.Open(outbox)
		if err != nil {
			continue
		}
		var entry struct{ Code string }
		err = json.NewDecoder(f).Decode(&entry)
		_ = f.Close()
		if err == nil && entry.Code != "" {
			return entry.Code, nil
		}
	}
	return "", errors.New("no code came")
}

// headerDirectives are as many headers, of the same length, as the gate sets
// for a user with an e-mail address: id, address, and a token of 480 bytes.
func headerDirectives() string {
	var b strings.Builder
	for _, h := range [][2]string{
		{"Remote-User", "user_" + strings.Repeat("0", 26)},
		{"Remote-Email", address},
		{"Authorization", "Bearer " + strings.Repeat("t", 480)},
	} {
		fmt.Fprintf(&b, "\trequest_header %s %q\n", h[0], h[1])
	}
	return b.String()
}
