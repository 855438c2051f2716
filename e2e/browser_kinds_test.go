// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// ended brings a tab into the app and then ends its session elsewhere, with the
// app's page still showing.
func ended(t *testing.T) *harness.Tab {
	t.Helper()
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous})
	tab := g.NewTab(t, harness.Look{})
	signIn(t, tab, "/home", "jo@example.org")
	endSession(t, tab)
	tab.Forget()
	return tab
}

func TestFetchOfAnEndedSession(t *testing.T) {
	tab := ended(t)
	var got struct {
		Status           int
		Redirected       bool
		Type, URL, Cache string
	}
	for _, call := range []string{
		"fetch('/api/orders')",
		"fetch('/api/orders', {method: 'POST', body: 'x'})",
		"fetch('/api/orders', {method: 'DELETE'})",
		"fetch('/api/orders', {headers: {Accept: 'text/html'}})",
	} {
		tab.EvalInto(`(async () => { const r = await `+call+`; const p = await r.json();
			return {Status: r.status, Redirected: r.redirected, Type: r.headers.get('Content-Type'), URL: p.sign_in_url,
				Cache: r.headers.get('Cache-Control')} })()`, &got)
		if got.Status != 401 || got.Redirected || got.Type != "application/problem+json" || got.URL != "/.auth/sign-in" || got.Cache != "no-store" {
			t.Errorf("%s got %+v", call, got)
		}
	}
	if status := tab.Eval(`new Promise(done => { const x = new XMLHttpRequest(); x.open('GET', '/api'); x.onloadend = () => done(x.status); x.send() })`); status != "401" {
		t.Errorf("XMLHttpRequest got %s", status)
	}
}

func TestSubresourcesOfAnEndedSession(t *testing.T) {
	tab := ended(t)
	tab.Eval(`new Promise(done => {
		const make = (name, set) => new Promise(over => {
			const e = document.createElement(name);
			Object.assign(e, set); e.onload = e.onerror = over; document.head.append(e);
		});
		Promise.all([make('script', {src: '/x.js'}), make('img', {src: '/x.png'}), make('link', {rel: 'stylesheet', href: '/x.css'})]).then(() => done(1));
	})`)
	found := tab.Answered(3)
	for _, r := range found {
		if r.Status != 401 || r.Header["cache-control"] != "no-store" || r.Header["content-type"] != "" || r.Header["content-length"] != "0" {
			t.Errorf("%s got %d with %v", r.URL, r.Status, r.Header)
		}
	}
	if n := tab.Eval(`new Promise(done => { const w = new Worker('/x.js'); w.onerror = () => done('refused'); w.onmessage = () => done('runs') })`); n != "refused" {
		t.Errorf("a worker %s", n)
	}
}

func TestFrameOfAnEndedSession(t *testing.T) {
	tab := ended(t)
	tab.Eval(`new Promise(done => {
		const f = document.createElement('iframe');
		f.src = '/widget'; f.onload = done; document.body.append(f);
	}).then(() => 1)`)
	text := tab.Eval(`document.querySelector('iframe').contentDocument.body.innerText`)
	if !contains(text, "Sign in to see this") {
		t.Errorf("the frame shows %q", text)
	}
	tab.Eval(`document.querySelector('iframe').contentDocument.querySelector('a').click()`)
	tab.WaitFor("#identifier")
}

func TestWebSocketInTheBrowser(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous})
	tab := g.NewTab(t, harness.Look{})
	signIn(t, tab, "/home", "jo@example.org")
	echo := tab.Eval(`new Promise((done, failed) => {
		window.socket = new WebSocket('ws://' + location.host + '/ws');
		window.ended = false;
		socket.onclose = () => { window.ended = true };
		socket.onerror = failed;
		socket.onopen = () => socket.send('hello');
		socket.onmessage = e => done(e.data);
	})`)
	if echo != "hello" {
		t.Errorf("the echo is %q", echo)
	}
	tab.Eval(`new Promise(done => {
		window.events = new EventSource('/events'); window.cut = false;
		events.onmessage = () => done(1);
		events.onerror = () => { window.cut = true };
	})`)
	endSession(t, tab)
	tab.Wait("window.ended && window.cut")
	if got := tab.Eval(`new Promise(done => { const s = new WebSocket('ws://' + location.host + '/ws'); s.onopen = () => done('open'); s.onerror = () => done('refused') })`); got != "refused" {
		t.Errorf("without a session a WebSocket is %s", got)
	}
	if got := tab.Eval(`new Promise(done => { const s = new EventSource('/events'); s.onopen = () => done('open'); s.onerror = () => { s.close(); done('refused') } })`); got != "refused" {
		t.Errorf("without a session an EventSource is %s", got)
	}
}
