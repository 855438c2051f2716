// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// templateSources reads every template, the operator's version where there is
// one. A file that replaces nothing is an error, because it is a misspelling.
func templateSources(own fs.FS) (map[string]string, error) {
	sources, err := readTemplates(embedded, "templates/*.html")
	if err != nil || own == nil {
		return sources, err
	}
	replaced, err := readTemplates(own, "*.html")
	if err != nil {
		return nil, err
	}
	for name, text := range replaced {
		if _, known := sources[name]; !known {
			valid := strings.Join(slices.Sorted(maps.Keys(sources)), ", ")
			return nil, fmt.Errorf("pages: template %s replaces nothing; valid names are %s", name, valid)
		}
		sources[name] = text
	}
	return sources, nil
}

func readTemplates(files fs.FS, pattern string) (map[string]string, error) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, fmt.Errorf("pages: templates: %w", err)
	}
	sources := make(map[string]string, len(names))
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("pages: template %s: %w", name, err)
		}
		sources[path.Base(name)] = string(data)
	}
	return sources, nil
}

// parseSet parses all templates with the functions of one language.
func parseSet(l *locale, sources map[string]string) (*template.Template, error) {
	set := template.New("").Funcs(l.funcs())
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		if _, err := set.New(name).Parse(l.fold(sources[name])); err != nil {
			return nil, fmt.Errorf("pages: template %s: %w", name, err)
		}
	}
	return set, nil
}

// fixedText finds messages without variables.
var fixedText = regexp.MustCompile(`\{\{t "([^"]+)"\}\}`)

// fold writes messages without variables into the source of a template, so that
// a render does not look them up. Messages are HTML already, quotes included.
func (l *locale) fold(source string) string {
	return fixedText.ReplaceAllStringFunc(source, func(action string) string {
		if text, ok := l.plain[fixedText.FindStringSubmatch(action)[1]]; ok {
			return string(text)
		}
		return action
	})
}

// rehearse renders every page once. A template that names a field or a message
// that does not exist fails here, at start, and not in front of a visitor.
func (r *Renderer) rehearse() error {
	now := time.Unix(0, 0)
	for _, page := range Pages() {
		v := View{
			Page: page, Now: now, ExpireAt: now.Add(time.Minute), ResendAt: now.Add(time.Second),
			To: "a", Token: "a", Attempt: "a", Return: "/", Action: "/", ContinueURL: "/",
			Fields:  []Field{{Name: "email_address"}, {Name: "first_name"}},
			Refusal: &gatelatch.Refusal{Message: "a", RetryAfter: time.Second},
			Auth:    rehearsed(),
			Notice:  NoticeResent,
			Entries: []OutboxEntry{{To: "a", Code: "1", At: now}}, StatusCode: 503, Choice: rehearsedChoice(),
		}
		for _, v.Account = range rehearsals(page, now) {
			if err := r.rehearseIn(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// rehearseIn renders a view in every language.
func (r *Renderer) rehearseIn(v View) error {
	for _, l := range r.locales.list {
		v.Lang = l.tag
		if err := r.Render(io.Discard, v); err != nil {
			return err
		}
	}
	return nil
}

// rehearsed fills in what only some steps show.
func rehearsed() Auth {
	return Auth{
		Strategy: gatelatch.PhoneCode, AddressID: "a", Passkey: "{}", TrustDays: 1, MinLength: 1, LinkToken: "a", LinkCode: "1", Task: true,
		Methods: []Method{{Way: "a", Strategy: gatelatch.EmailCode, To: "a"}, {Way: "a", Strategy: gatelatch.ResetByEmail}},
		SetUps:  []SetUp{{Name: "totp", Href: "/"}, {Name: "passkey", Href: "/"}},
		Terms:   flow.Terms{URL: "/", Version: "1"}, Level: flow.LevelFirst,
	}
}
