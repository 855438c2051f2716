// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Click clicks the element as a person would: it has to be visible.
func (tab *Tab) Click(selector string) {
	tab.T.Helper()
	tab.settle()
	tab.stir()
	tab.onNode("clicking "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Type presses the keys for a text in an element.
func (tab *Tab) Type(selector, text string) {
	tab.T.Helper()
	tab.settle()
	tab.stir()
	tab.onNode("typing into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible))
}

// Fill replaces what is in an element.
func (tab *Tab) Fill(selector, text string) {
	tab.T.Helper()
	tab.Eval(fmt.Sprintf(`(e => { e.focus(); e.select() })(document.querySelector(%q))`, selector))
	tab.Insert(text)
}

// Insert puts text where the cursor is, as an input method does.
func (tab *Tab) Insert(text string) {
	tab.T.Helper()
	tab.settle()
	tab.stir()
	call(tab, input.InsertText, input.InsertTextParams{Text: text})
}

// Press presses one key.
func (tab *Tab) Press(key string) {
	tab.T.Helper()
	tab.settle()
	tab.stir()
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
	tab.stir()
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

// onNode is do for what is done to an element. One that the page has replaced
// after it was found is looked for again: nothing was done to it yet.
func (tab *Tab) onNode(what string, step chromedp.Action[chromedp.Void]) {
	tab.T.Helper()
	for range 5 {
		err := tab.try(step)
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "find node") && !strings.Contains(err.Error(), "node with given id") {
			tab.T.Fatalf("%s: %v\n%s", what, err, tab.Describe())
		}
	}
	tab.do(what, step)
}
