// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Request is something that a tab has loaded.
type Request struct {
	ID     string
	URL    string
	Method string
	Type   string
	Status int
	// Bytes is what came over the wire, headers included.
	Bytes int
	// Redirected says that the answer led elsewhere.
	Redirected bool
	// Done says that all of the answer has come, or that none will.
	Done   bool
	Header map[string]string
}

// traffic is what a tab has asked for, and what went wrong in it.
type traffic struct {
	mu       sync.Mutex
	requests []*Request
	problems []string
	early    map[string]*network.EventResponseReceivedExtraInfo
	course
}

// listen runs on the browser's own goroutine and must be quick.
func (tr *traffic) listen(event any) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.note(event)
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.RedirectResponse != nil {
			if r := tr.find(string(e.RequestID)); r != nil {
				r.Status, r.Redirected, r.Done, r.ID = int(e.RedirectResponse.Status), true, true, ""
			}
		}
		r := &Request{ID: string(e.RequestID), URL: e.Request.URL, Method: e.Request.Method, Type: string(e.Type)}
		tr.requests = append(tr.requests, r)
		if early := tr.early[r.ID]; early != nil { // the browser keeps no order between the two
			r.Status, r.Header = int(early.StatusCode), lower(early.Headers)
			delete(tr.early, r.ID)
		}
	case *network.EventResponseReceived:
		if r := tr.find(string(e.RequestID)); r != nil {
			r.Status = int(e.Response.Status)
			r.Header = lower(e.Response.Headers)
		}
	case *network.EventResponseReceivedExtraInfo: // also for answers that the page may not see
		switch r := tr.find(string(e.RequestID)); {
		case r == nil:
			if tr.early == nil {
				tr.early = map[string]*network.EventResponseReceivedExtraInfo{}
			}
			tr.early[string(e.RequestID)] = e
		case r.Status == 0:
			r.Status = int(e.StatusCode)
			r.Header = lower(e.Headers)
		}
	case *network.EventLoadingFinished:
		if r := tr.find(string(e.RequestID)); r != nil {
			r.Bytes, r.Done = int(e.EncodedDataLength), true
		}
	case *network.EventLoadingFailed:
		if r := tr.find(string(e.RequestID)); r != nil {
			r.Done = true
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			tr.problems = append(tr.problems, fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		tr.problems = append(tr.problems, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			tr.problems = append(tr.problems, fmt.Sprintf("console: %v", e.Args))
		}
	case *page.EventJavascriptDialogOpening:
		tr.problems = append(tr.problems, "dialog: "+e.Message)
	}
}

func lower(headers network.Headers) map[string]string {
	all := map[string]string{}
	for name, value := range headers {
		all[strings.ToLower(name)] = fmt.Sprint(value)
	}
	return all
}

// find returns the last request of an id.
func (tr *traffic) find(id string) *Request {
	for i := len(tr.requests) - 1; i >= 0; i-- {
		if tr.requests[i].ID == id {
			return tr.requests[i]
		}
	}
	return nil
}

// Forget begins a new record.
func (tr *traffic) Forget() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.requests, tr.problems = nil, nil
}

// Requests returns what was loaded since the last [traffic.Forget].
func (tr *traffic) Requests() []Request {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	list := make([]Request, len(tr.requests))
	for i, r := range tr.requests {
		list[i] = *r
	}
	return list
}

// lately says what the tab has asked for last, and what went wrong in it, for
// messages of failed tests.
func (tr *traffic) lately() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	var text strings.Builder
	fmt.Fprintf(&text, "on its way to another page: %t; the last of %d requests:", tr.moving, len(tr.requests))
	for _, r := range tr.requests[max(0, len(tr.requests)-8):] {
		fmt.Fprintf(&text, "\n  %s %.120s: %d", r.Method, r.URL, r.Status)
	}
	for _, p := range tr.problems[max(0, len(tr.problems)-5):] {
		fmt.Fprintf(&text, "\n  %.300s", p)
	}
	return text.String()
}

// Problems returns errors and warnings of the console, refusals of the content
// security policy among them. That answers of 400 and more are noted there is
// no fault of a page.
func (tr *traffic) Problems() []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	var list []string
	for _, p := range tr.problems {
		if !strings.Contains(p, "Failed to load resource: the server responded with a status of 4") &&
			!strings.Contains(p, "Failed to load resource: the server responded with a status of 5") {
			list = append(list, p)
		}
	}
	return list
}
