// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
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
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		tab.T.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

func (tab *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	tab.T.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.T.Fatalf("%s: %v\n%s", what, err, tab.Describe())
	}
}

// Open navigates to a path of the site, or to a whole URL.
func (tab *Tab) Open(path string) {
	tab.T.Helper()
	if strings.HasPrefix(path, "/") {
		path = tab.Gate.URL() + path
	}
	tab.do("opening "+path, chromedp.Navigate(path))
}

// Back goes back in the history. It does not wait, since a page that the
// browser has kept alive is not loaded again.
func (tab *Tab) Back() {
	tab.T.Helper()
	history := call(tab, page.GetNavigationHistory, cdp.Empty{})
	if history.CurrentIndex == 0 {
		tab.T.Fatal("there is no page to go back to")
	}
	call(tab, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: history.Entries[history.CurrentIndex-1].ID})
}

// Reload loads the page again.
func (tab *Tab) Reload() { tab.T.Helper(); tab.do("reloading", chromedp.Reload()) }

// Click clicks the element as a person would: it has to be visible.
func (tab *Tab) Click(selector string) {
	tab.T.Helper()
	tab.do("clicking "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Type presses the keys for a text in an element.
func (tab *Tab) Type(selector, text string) {
	tab.T.Helper()
	tab.do("typing into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible))
}

// Fill replaces what is in an element.
func (tab *Tab) Fill(selector, text string) {
	tab.T.Helper()
	tab.Eval(fmt.Sprintf(`(e => { e.focus(); e.select() })(document.querySelector(%q))`, selector))
	call(tab, input.InsertText, input.InsertTextParams{Text: text})
}

// Insert puts text where the cursor is, as an input method does.
func (tab *Tab) Insert(text string) {
	tab.T.Helper()
	call(tab, input.InsertText, input.InsertTextParams{Text: text})
}

// Press presses one key.
func (tab *Tab) Press(key string) {
	tab.T.Helper()
	tab.do("pressing a key", chromedp.KeyEvent(key))
}

// Paste copies a text and pastes it where the cursor is, through the real
// clipboard.
func (tab *Tab) Paste(text string) {
	tab.T.Helper()
	tab.Eval(fmt.Sprintf(`(() => {
		window.pasteInto = document.activeElement;
		const from = document.createElement('textarea');
		from.id = 'copy-from'; from.value = %q;
		document.body.append(from); from.select();
	})()`, text))
	tab.edit("c", "copy")
	tab.Eval(`document.getElementById('copy-from').remove(); window.pasteInto.focus()`)
	tab.edit("v", "paste")
}

func (tab *Tab) edit(key, command string) {
	tab.T.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: key, Code: "Key" + strings.ToUpper(key), Modifiers: 2}
		if kind == input.DispatchKeyEventTypeRawKeyDown {
			p.Commands = []string{command}
		}
		call(tab, input.DispatchKeyEvent, p)
	}
}

// Eval runs an expression in the page, which works with scripts off, too. A
// promise is awaited.
func (tab *Tab) Eval(expression string) string {
	tab.T.Helper()
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
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
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

// Wait waits until a condition holds, over navigations.
func (tab *Tab) Wait(condition string) {
	tab.T.Helper()
	for end := time.Now().Add(patience / 2); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if value, err := tab.eval("!!(" + condition + ")"); err == nil && value == "true" {
			return
		}
	}
	tab.T.Fatalf("waiting for %s\n%s", condition, tab.Describe())
}

// WaitFor waits for an element that can be seen.
func (tab *Tab) WaitFor(selector string) {
	tab.T.Helper()
	tab.Wait(fmt.Sprintf(`document.readyState === 'complete' && document.querySelector(%[1]q)?.checkVisibility()`, selector))
}

// WaitText waits until the page shows a phrase.
func (tab *Tab) WaitText(phrase string) {
	tab.T.Helper()
	tab.Wait("document.body && document.body.innerText.includes(" + strconv.Quote(phrase) + ")")
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
		return "the page cannot be read: " + err.Error()
	}
	return "the page shows:\n" + text
}

// Cookie returns the value of a cookie of the site.
func (tab *Tab) Cookie(name string) string {
	tab.T.Helper()
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

// Answered waits until n requests since the last Forget have been answered, and
// returns them.
func (tab *Tab) Answered(n int) []Request {
	tab.T.Helper()
	var list []Request
	for end := time.Now().Add(patience / 2); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		list = tab.Requests()
		answered := 0
		for _, r := range list {
			if r.Status != 0 {
				answered++
			}
		}
		if len(list) >= n && answered == len(list) {
			return list
		}
	}
	tab.T.Fatalf("want %d requests answered, have %+v", n, list)
	return nil
}
