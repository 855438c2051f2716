// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"html"
	"net/url"
	"regexp"
)

// Form is a form of a page.
type Form struct {
	Action string
	Inputs map[string]string // names and values of its inputs
	Steps  []string          // values of its buttons named "step"
	Ways   []string          // values of its buttons named "way"
}

var (
	formTag   = regexp.MustCompile(`(?s)<form\b([^>]*)>(.*?)</form>`)
	inputTag  = regexp.MustCompile(`(?s)<input\b([^>]*)>`)
	buttonTag = regexp.MustCompile(`(?s)<button\b([^>]*)>`)
	attribute = regexp.MustCompile(`([a-zA-Z_:-]+)(?:="([^"]*)")?`)
)

// forms finds the forms of a page of ours, whose attributes are all quoted.
func forms(text string) []Form {
	var list []Form
	for _, m := range formTag.FindAllStringSubmatch(text, -1) {
		f := Form{Action: attributes(m[1])["action"], Inputs: map[string]string{}}
		for _, in := range inputTag.FindAllStringSubmatch(m[2], -1) {
			a := attributes(in[1])
			f.Inputs[a["name"]] = a["value"]
		}
		for _, b := range buttonTag.FindAllStringSubmatch(m[2], -1) {
			switch a := attributes(b[1]); a["name"] {
			case "step":
				f.Steps = append(f.Steps, a["value"])
			case "way":
				f.Ways = append(f.Ways, a["value"])
			}
		}
		list = append(list, f)
	}
	return list
}

func attributes(text string) map[string]string {
	all := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(text, -1) {
		all[m[1]] = html.UnescapeString(m[2])
	}
	return all
}

// Form returns the form that has a button for a step.
func (p *Page) Form(step string) (Form, bool) {
	for _, f := range p.Forms {
		for _, s := range f.Steps {
			if s == step {
				return f, true
			}
		}
	}
	return Form{}, false
}

// Has reports whether the page has a button for a step.
func (p *Page) Has(step string) bool {
	_, ok := p.Form(step)
	return ok
}

// Values returns the form's inputs as they would be sent.
func (f Form) Values() url.Values {
	v := url.Values{}
	for name, value := range f.Inputs {
		v.Set(name, value)
	}
	return v
}
