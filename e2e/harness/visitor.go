// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// Visitor is a browser without script: it keeps cookies, sends what browsers
// send with navigations, and fills in the forms of pages. It is not safe for
// concurrent use, but copies made by [Visitor.Twin] are.
type Visitor struct {
	Gate *Gate
	// Header is sent with every request, over what browsers send.
	Header http.Header
	// Retries is how often a request is sent again that got no answer at all.
	Retries int
	http    *http.Client
}

// NewVisitor returns a visitor without cookies.
func (g *Gate) NewVisitor() *Visitor {
	jar, _ := cookiejar.New(nil) // fails only with options
	return &Visitor{Gate: g, Header: http.Header{}, http: client(jar)}
}

// Twin returns a visitor with the same cookies and its own connections.
func (v *Visitor) Twin() *Visitor {
	return &Visitor{Gate: v.Gate, Header: v.Header.Clone(), Retries: v.Retries, http: client(v.http.Jar)}
}

func client(jar http.CookieJar) *http.Client {
	return &http.Client{
		Jar: jar, Timeout: Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 4, DisableCompression: true,
			// Sites are "localhost", and listen on one of its addresses.
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				addr = strings.Replace(addr, "localhost:", "127.0.0.1:", 1)
				return (&net.Dialer{Timeout: Patience}).DialContext(ctx, network, addr)
			},
		},
	}
}

// Close lets go of the visitor's connections.
func (v *Visitor) Close() { v.http.CloseIdleConnections() }

// Cookies returns the cookies that the visitor would send.
func (v *Visitor) Cookies() []*http.Cookie {
	u, _ := url.Parse(v.Gate.URL()) // a URL of our own making
	return v.http.Jar.Cookies(u)
}

// Cookie returns the value of one cookie, empty when there is none.
func (v *Visitor) Cookie(name string) string {
	for _, c := range v.Cookies() {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// SetCookie gives the visitor a cookie, or takes it away when value is empty.
func (v *Visitor) SetCookie(name, value string) {
	u, _ := url.Parse(v.Gate.URL()) // a URL of our own making
	c := &http.Cookie{Name: name, Value: value, Path: "/"}
	if value == "" {
		c.MaxAge = -1
	}
	v.http.Jar.SetCookies(u, []*http.Cookie{c})
}

// The gate's two cookies on plain http.
const (
	SessionCookie = "gatelatch_session"
	ClientCookie  = "gatelatch_client"
)

// Page is an answer, with the forms it holds.
type Page struct {
	URL    *url.URL
	Status int
	Header http.Header
	Body   string
	Forms  []Form
}

// Location is where a redirect leads, empty when it is none.
func (p *Page) Location() string { return p.Header.Get("Location") }

// Contains reports whether the text of the page holds a phrase.
func (p *Page) Contains(phrase string) bool { return strings.Contains(p.Body, phrase) }

// Open navigates to a path.
func (v *Visitor) Open(path string) (*Page, error) {
	return v.Do(http.MethodGet, path, nil, nil)
}

// Fetch asks for a path as a page's script does.
func (v *Visitor) Fetch(path string) (*Page, error) {
	return v.Do(http.MethodGet, path, http.Header{
		"Accept": {"*/*"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Sec-Fetch-Site": {"same-origin"},
	}, nil)
}

// Do sends a request with a browser's headers, changed by more: a value list
// that is empty takes the header away.
func (v *Visitor) Do(method, path string, more http.Header, body io.Reader) (*Page, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = io.ReadAll(body); err != nil {
			return nil, err
		}
	}
	p, err := v.send(method, path, more, text)
	for range v.Retries {
		if err == nil {
			break
		}
		p, err = v.send(method, path, more, text)
	}
	return p, err
}

func (v *Visitor) send(method, path string, more http.Header, body []byte) (*Page, error) {
	r, err := http.NewRequest(method, v.Gate.URL()+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = http.Header{
		"Accept":     {"text/html,application/xhtml+xml,*/*;q=0.8"},
		"User-Agent": {"Mozilla/5.0 (raw visitor)"}, "Accept-Language": {"en"},
		"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-Site": {"none"}, "Sec-Fetch-User": {"?1"},
	}
	for _, set := range []http.Header{v.Header, more} {
		for name, values := range set {
			if r.Header[name] = values; len(values) == 0 {
				delete(r.Header, name)
			}
		}
	}
	// A server that stops politely closes idle connections. Browsers send again
	// what met that moment; Go does so with GET alone.
	r.Close = method != http.MethodGet
	answer, err := v.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", path, err)
	}
	return &Page{URL: r.URL, Status: answer.StatusCode, Header: answer.Header, Body: string(text), Forms: forms(string(text))}, nil
}

// Follow goes where a redirect leads, up to ten times.
func (v *Visitor) Follow(p *Page, err error) (*Page, error) {
	for range 10 {
		if err != nil || p.Location() == "" {
			return p, err
		}
		to, bad := p.URL.Parse(p.Location())
		if bad != nil {
			return p, bad
		}
		p, err = v.Open(to.RequestURI())
	}
	return p, errors.New("more than ten redirects")
}

// Submit presses a button of the page's form, with fields filled in.
func (v *Visitor) Submit(p *Page, step string, fields map[string]string) (*Page, error) {
	f, ok := p.Form(step)
	if !ok {
		return nil, fmt.Errorf("no form with a button %q on %s (%d): %.600s", step, p.URL.Path, p.Status, p.Body)
	}
	values := f.Values()
	for name, value := range fields {
		values.Set(name, value)
	}
	values.Set("step", step)
	return v.Post(f.Action, values.Encode())
}

// Post sends a form's body, as a page of the site would.
func (v *Visitor) Post(path, body string) (*Page, error) {
	return v.Do(http.MethodPost, path, http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {v.Gate.URL()}, "Sec-Fetch-Site": {"same-origin"},
	}, strings.NewReader(body))
}
