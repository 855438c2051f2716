// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
)

// document is what templates see: the view, the site, and what follows from
// them. The form token appears as .FormToken; .Token prints as a fixed word.
type document struct {
	View
	Site *Site
	// Lang and Dir are attributes of the root element.
	Lang, Dir string
	// CSS and JS are the paths of the two assets.
	CSS, JS string
	// Heading is the key of the page's one heading, which is also its title.
	Heading string
	// Initial is the first letter of the site's name.
	Initial string
	// FormToken is View.Token in the clear.
	FormToken string
	// Problem is the refusal as the summary shows it, or nil.
	Problem *problem
	// NoticeKey is the key of the notice, or empty.
	NoticeKey string
	// Inputs are the fields of the page's form.
	Inputs []input
	// Ways are the links below the card.
	Ways []way
	// Reposts says that reloading the document would post a form again.
	Reposts bool
}

// problem is the error summary.
type problem struct {
	Message string
	// Href leads to the field at fault; empty when there is none.
	Href string
	// Wait is how long until another try makes sense; zero to say nothing.
	Wait time.Duration
}

func (r *Renderer) document(l *locale, v View) *document {
	d := &document{
		View: v, Site: &r.site, Lang: l.tag, Dir: l.dir, CSS: r.css, JS: r.js,
		Initial: r.initial, FormToken: v.Token.Reveal(),
		Ways: ways(&r.site, &v), Reposts: v.Posted || v.Notice == NoticePosted,
	}
	if v.Account != nil {
		a := *v.Account
		a.page = v.Page
		d.Account = &a
	}
	if v.Notice != NoticeNone {
		d.NoticeKey = "notice." + string(v.Notice)
	}
	if d.State() == "" {
		d.Inputs = inputs(&r.site, &d.View)
	}
	d.Heading = d.heading()
	d.Problem = d.problem()
	return d
}

func (d *document) heading() string {
	switch d.Page {
	case PageError:
		return "error." + d.errorKey() + ".title"
	case PageCode:
		if state := d.State(); state != "" {
			return "code." + state + ".title"
		}
		return d.codeTitle()
	case PageSignUp:
		return d.signUpTitle()
	case PageCreate:
		return d.createTitle()
	default:
		if d.Account != nil && isAccountPage(d.Page) {
			return d.Account.key("title")
		}
		return string(d.Page) + ".title"
	}
}

// Named is the key of a heading that says the name of the site; empty for the
// title's own words. The title has the name behind it anyway.
func (d *document) Named() string {
	if d.Page == PageTicket && d.Site.Name != "" {
		return "ticket.named"
	}
	return ""
}

func (d *document) problem() *problem {
	if d.Refusal == nil {
		return nil
	}
	p := &problem{Message: d.Refusal.Message}
	if d.Refusal.Code != gatelatch.CodeResendTooSoon || d.Wait() == 0 {
		p.Wait = d.Refusal.RetryAfter
	}
	for _, in := range d.Inputs {
		if in.Error != "" {
			p.Href = "#" + in.Name
		}
	}
	return p
}

// State says why the code page cannot take a code: "failed" when the guesses
// are spent, "expired" when the time is over, or empty.
func (d *document) State() string {
	switch {
	case d.Page != PageCode && d.Page != PageAccountCode:
		return ""
	case d.spent():
		return "failed"
	case d.Refusal != nil && d.Refusal.Code == gatelatch.CodeExpired,
		!d.ExpireAt.IsZero() && !d.Now.Before(d.ExpireAt):
		return "expired"
	}
	return ""
}

// spent says that no code will do any more, so that the page can only begin again.
func (v *View) spent() bool {
	code := v.Page == PageCode || v.Page == PageAccountCode
	return code && v.Refusal != nil && v.Refusal.Code == gatelatch.CodeFailed
}

// Lifetime is how long the code still works.
func (d *document) Lifetime() time.Duration { return d.ExpireAt.Sub(d.Now) }

// Wait is how long until another code may be asked for, or zero.
func (d *document) Wait() time.Duration {
	if d.ResendAt.IsZero() {
		return 0
	}
	return max(0, d.ResendAt.Sub(d.Now))
}

func (d *document) channel() string {
	if d.Channel == ChannelSMS {
		return ChannelSMS
	}
	return ChannelEmail
}

// ResendHelp is the key of what to do when no code arrives.
func (d *document) ResendHelp() string { return "code.resend." + d.channel() }

// StartOver is the address of the first page of this attempt.
func (d *document) StartOver() string { return begin(d.Site, &d.View) }

// Onward is where the page's main link leads.
func (d *document) Onward() string {
	if d.ContinueURL != "" {
		return d.ContinueURL
	}
	return entry(d.Site, "/sign-in", d.Return)
}

// Destination is the address that was proven: as typed where that is known,
// else masked.
func (d *document) Destination() string {
	if d.Identifier != "" {
		return d.Identifier
	}
	return d.To
}

// errorKey returns the status that words the error page.
func (d *document) errorKey() string {
	if d.Busy {
		return "busy"
	}
	switch d.StatusCode {
	case 400, 403, 404, 405, 413, 422, 429, 500, 503:
		return strconv.Itoa(d.StatusCode)
	}
	if d.StatusCode >= 400 && d.StatusCode < 500 {
		return "400"
	}
	return "500"
}

// ErrorLead is the key of the error page's explanation.
func (d *document) ErrorLead() string { return "error." + d.errorKey() + ".lead" }

// ErrorSubmit is the key of the error page's main link.
func (d *document) ErrorSubmit() string {
	switch {
	case d.ContinueURL == "":
		return "error.submit"
	case d.StatusCode >= 500, d.StatusCode == 429:
		return "error.submit_retry"
	}
	return "error.submit_continue"
}

// initial returns the first letter or digit of a name, in upper case.
func initial(name string) string {
	i := strings.IndexFunc(name, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) })
	if i < 0 {
		return ""
	}
	c, _ := utf8.DecodeRuneInString(name[i:])
	return string(unicode.ToUpper(c))
}
