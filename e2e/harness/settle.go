// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

// A click has done its work long before the page that it leads to is there, and
// on a busy machine a test that looks at once sees the old page, or half of the
// new one. So what was done to a tab is noted, and whatever looks at the tab next
// waits until it has come to rest.

// scriptHeader is what the gate's own script sends along.
const scriptHeader = "Gatelatch-Script"

// course is where a tab is going.
type course struct {
	frame  cdp.FrameID // the tab's own
	moving bool        // another document is asked for, or loading
	sent   bool        // the gate's script has sent a form since the last stir
}

// note keeps the course up to date. It runs under the lock of the traffic.
func (c *course) note(event any) {
	switch e := event.(type) {
	case *page.EventFrameRequestedNavigation:
		c.moving = c.moving || e.FrameID == c.frame && e.Disposition == page.ClientNavigationDispositionCurrentTab
	case *page.EventFrameStartedLoading:
		c.moving = c.moving || e.FrameID == c.frame
	case *page.EventFrameStoppedLoading:
		c.moving = c.moving && e.FrameID != c.frame
	case *network.EventRequestWillBeSent:
		for name := range e.Request.Headers {
			c.sent = c.sent || strings.EqualFold(name, scriptHeader)
		}
	}
}

// stir notes that something is being done that may lead to another page.
func (tab *Tab) stir() {
	tab.stirred = true
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.sent = false
}

// settle waits until the tab has come to where the last click or key has led it.
// What a page of somebody else's script shows later has to be waited for by what
// it shows.
func (tab *Tab) settle() {
	if !tab.stirred {
		return
	}
	tab.stirred = false
	_, _ = tab.eval("0") // a form is sent by a task of its own, which is done when this is answered
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if tab.rests() {
			return
		}
	}
}

// rests reports whether the tab shows a whole page and is on its way to no other.
func (tab *Tab) rests() bool {
	tab.mu.Lock()
	sent := tab.sent
	tab.mu.Unlock()
	state, err := tab.eval("document.readyState === 'complete' && !(" + fmt.Sprint(sent) + " && document.querySelector('main [aria-busy]'))")
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return err == nil && state == "true" && !tab.moving
}

// acts reports whether an expression clicks something, or sends a form.
func acts(expression string) bool {
	return strings.Contains(expression, ".click()") || strings.Contains(expression, "ubmit(")
}

// mainFrame is the frame of the tab itself.
func (tab *Tab) mainFrame() cdp.FrameID {
	tab.T.Helper()
	return call(tab, page.GetFrameTree, cdp.Empty{}).FrameTree.Frame.ID
}
