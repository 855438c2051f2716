// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Look is how a tab shows pages.
type Look struct {
	// Width in CSS pixels; 1280 when zero.
	Width int
	// Dark prefers the dark scheme.
	Dark bool
	// NoScript switches scripts off.
	NoScript bool
	// Scale is device pixels per CSS pixel; 1 when zero.
	Scale float64
}

// Tab is a tab of a real browser, with cookies and a history of its own.
type Tab struct {
	T    testing.TB
	Gate *Gate
	ctx  context.Context
	look Look
	// stirred says that something was done that may lead to another page.
	stirred bool
	*traffic
}

// NewTab opens a tab in a new profile; it closes when the test ends.
func (g *Gate) NewTab(t testing.TB, look Look) *Tab {
	t.Helper()
	NeedBrowser(t)
	ctx, cancel := chromedp.NewContext(launched().ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return g.newTab(t, ctx, look)
}

// Another opens a second tab in the same profile.
func (tab *Tab) Another(look Look) *Tab {
	tab.T.Helper()
	ctx, cancel := chromedp.NewContext(tab.ctx)
	tab.T.Cleanup(cancel)
	return tab.Gate.newTab(tab.T, ctx, look)
}

func (g *Gate) newTab(t testing.TB, ctx context.Context, look Look) *Tab {
	t.Helper()
	tab := &Tab{T: t, Gate: g, ctx: ctx, traffic: &traffic{}}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	tab.frame = tab.mainFrame()
	if err := chromedp.Listen(ctx, tab.listen); err != nil {
		t.Fatalf("listening to a tab: %v", err)
	}
	tab.SetLook(look)
	return tab
}

// SetLook changes how the tab shows pages.
func (tab *Tab) SetLook(look Look) {
	tab.T.Helper()
	if look.Width == 0 {
		look.Width = 1280
	}
	if look.Scale == 0 {
		look.Scale = 1
	}
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	tab.look = look
	height := 900
	if look.Width < 600 {
		height = 640
	}
	call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(look.Width), Height: int64(height), DeviceScaleFactor: look.Scale, Mobile: look.Width < 600,
	})
	call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: look.NoScript})
}

// call runs one command of the protocol.
func call[P, R any](tab *Tab, command cdp.Command[P, R], params P) R {
	tab.T.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, Patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		tab.T.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

func (tab *Tab) do(what string, step chromedp.Action[chromedp.Void]) {
	tab.T.Helper()
	if err := tab.try(step); err != nil {
		tab.T.Fatalf("%s: %v\n%s", what, err, tab.Describe())
	}
}

func (tab *Tab) try(step chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(tab.ctx, Patience)
	defer cancel()
	return chromedp.Do(ctx, step)
}

// Open navigates to a path of the site, or to a whole URL.
func (tab *Tab) Open(path string) {
	tab.T.Helper()
	if strings.HasPrefix(path, "/") {
		path = tab.Gate.URL() + path
	}
	tab.settle()
	// A script that leaves the page at this very moment gets ahead; once more.
	for range 3 {
		err := tab.try(chromedp.Navigate(path))
		if err == nil {
			tab.stir()
			return
		}
		if !strings.Contains(err.Error(), "ERR_ABORTED") {
			tab.T.Fatalf("opening %s: %v\n%s", path, err, tab.Describe())
		}
	}
	tab.do("opening "+path, chromedp.Navigate(path))
}

// Back goes back in the history. It does not wait, since a page that the
// browser has kept alive is not loaded again.
func (tab *Tab) Back() {
	tab.T.Helper()
	tab.settle()
	history := call(tab, page.GetNavigationHistory, cdp.Empty{})
	if history.CurrentIndex == 0 {
		tab.T.Fatal("there is no page to go back to")
	}
	call(tab, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: history.Entries[history.CurrentIndex-1].ID})
}

// Reload loads the page again.
func (tab *Tab) Reload() {
	tab.T.Helper()
	tab.settle()
	tab.do("reloading", chromedp.Reload())
	tab.stir()
}

// Eval runs an expression in the page, which works with scripts off, too. A
// promise is awaited. The page is whole, and the one that the last click has led
// to.
func (tab *Tab) Eval(expression string) string {
	tab.T.Helper()
	tab.settle()
	if acts(expression) {
		tab.stir()
	}
	text, err := tab.eval(expression)
	if err != nil {
		tab.T.Fatalf("evaluating %.200s: %v\n%s", expression, err, tab.Describe())
	}
	return text
}

// EvalInto decodes the value of an expression.
func (tab *Tab) EvalInto(expression string, into any) {
	tab.T.Helper()
	if err := json.Unmarshal([]byte(tab.Eval("Promise.resolve("+expression+").then(v => JSON.stringify({v: v}))")), &struct{ V any }{into}); err != nil {
		tab.T.Fatalf("the value of %.200s: %v", expression, err)
	}
}

func (tab *Tab) eval(expression string) (string, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, Patience)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		return "", err
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	return string(raw), nil
}

// True evaluates a condition once.
func (tab *Tab) True(condition string) bool {
	tab.T.Helper()
	return tab.Eval("!!("+condition+")") == "true"
}

// Shows reports whether the page shows a phrase.
func (tab *Tab) Shows(phrase string) bool {
	tab.T.Helper()
	return tab.True("document.body.innerText.includes(" + strconv.Quote(phrase) + ")")
}

// Location returns the address that the tab shows, fragment included.
func (tab *Tab) Location() string { tab.T.Helper(); return tab.Eval("location.href") }

// Describe says what the tab shows, for messages of failed tests.
func (tab *Tab) Describe() string {
	text, err := tab.eval("location.href + '\\n' + document.title + '\\n' + (document.body ? document.body.innerText.slice(0, 600) : '')")
	if err != nil {
		text = "the page cannot be read: " + err.Error()
	}
	return "the page shows:\n" + text + "\n" + tab.lately()
}

// Cookie returns the value of a cookie of the site.
func (tab *Tab) Cookie(name string) string {
	tab.T.Helper()
	tab.settle()
	for _, c := range call(tab, network.GetCookies, network.GetCookiesParams{URLs: []string{tab.Gate.URL() + "/"}}).Cookies {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// NoCache makes the tab load everything afresh.
func (tab *Tab) NoCache() {
	tab.T.Helper()
	call(tab, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
}
