// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Wait waits until a condition holds on a whole page, over navigations.
func (tab *Tab) Wait(condition string) {
	tab.T.Helper()
	if !tab.within(Patience, condition) {
		tab.T.Fatalf("waiting for %s\n%s", condition, tab.Describe())
	}
}

// Soon is [Tab.Wait] for what a test goes on without: it reports whether a
// condition comes to hold.
func (tab *Tab) Soon(condition string) bool {
	tab.T.Helper()
	return tab.within(Patience/6, condition)
}

func (tab *Tab) within(d time.Duration, condition string) bool {
	tab.settle()
	if acts(condition) {
		tab.stir()
	}
	for end := time.Now().Add(d); ; time.Sleep(10 * time.Millisecond) {
		if value, err := tab.eval("document.readyState === 'complete' && !!(" + condition + ")"); err == nil && value == "true" {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

// Until does something, such as loading the page again, until a condition holds
// on the page that it leads to.
func (tab *Tab) Until(condition string, again func()) {
	tab.T.Helper()
	for end := time.Now().Add(Patience); !tab.True(condition); again() {
		if time.Now().After(end) {
			tab.T.Fatalf("again and again, but never %s\n%s", condition, tab.Describe())
		}
	}
}

// WaitFor waits for an element that can be seen.
func (tab *Tab) WaitFor(selector string) {
	tab.T.Helper()
	tab.Wait(fmt.Sprintf(`document.querySelector(%q)?.checkVisibility()`, selector))
}

// WaitText waits until the page shows a phrase.
func (tab *Tab) WaitText(phrase string) {
	tab.T.Helper()
	tab.Wait("document.body && document.body.innerText.includes(" + strconv.Quote(phrase) + ")")
}

// Loaded waits until everything that the tab has asked for since the last Forget
// has come whole, and returns it.
func (tab *Tab) Loaded() []Request {
	tab.T.Helper()
	tab.settle()
	var list []Request
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		list = tab.Requests()
		if !slices.ContainsFunc(list, func(r Request) bool { return !r.Done && !strings.HasPrefix(r.URL, "data:") }) {
			return list
		}
	}
	tab.T.Fatalf("still loading: %+v", list)
	return nil
}

// Answered waits until n requests since the last Forget have been answered, and
// returns them.
func (tab *Tab) Answered(n int) []Request {
	tab.T.Helper()
	var list []Request
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
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
