// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// locale is one language of the pages.
type locale struct {
	tag, dir string
	// plain holds the messages without variables, ready to print.
	plain     map[string]template.HTML
	localizer *i18n.Localizer
}

// locales is every language there is a file for. English is always there and
// fills the gaps of the others.
type locales struct {
	matcher language.Matcher
	list    []*locale
	byTag   map[string]*locale
}

var english = language.English

// newLocales reads <tag>.json files, one for each language.
func newLocales(files fs.FS) (*locales, error) {
	bundle := i18n.NewBundle(english)
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, err
	}
	tags, keys := []language.Tag{english}, map[string]bool{}
	for _, name := range names {
		tag, err := loadMessages(bundle, files, name, keys)
		if err != nil {
			return nil, fmt.Errorf("pages: locale %s: %w", name, err)
		}
		if tag != english {
			tags = append(tags, tag)
		}
	}
	ls := &locales{matcher: language.NewMatcher(tags), byTag: map[string]*locale{}}
	for _, tag := range tags {
		l := newLocale(bundle, tag, keys)
		ls.list = append(ls.list, l)
		ls.byTag[l.tag] = l
	}
	return ls, nil
}

// loadMessages adds one file to the bundle. Texts are escaped here, once, so
// that a translator writes plain words and a message is HTML from then on.
func loadMessages(bundle *i18n.Bundle, files fs.FS, name string, keys map[string]bool) (language.Tag, error) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return language.Und, err
	}
	tag, err := language.Parse(strings.TrimSuffix(path.Base(name), ".json"))
	if err != nil {
		return language.Und, err
	}
	file, err := i18n.ParseMessageFileBytes(data, name, nil)
	if err != nil {
		return language.Und, err
	}
	for _, m := range file.Messages {
		for _, form := range []*string{&m.Zero, &m.One, &m.Two, &m.Few, &m.Many, &m.Other} {
			*form = template.HTMLEscapeString(*form)
		}
		keys[m.ID] = keys[m.ID] || strings.Contains(m.Other, "{{")
	}
	return tag, bundle.AddMessages(tag, file.Messages...)
}

func newLocale(bundle *i18n.Bundle, tag language.Tag, keys map[string]bool) *locale {
	l := &locale{
		tag: tag.String(), dir: direction(tag),
		plain:     make(map[string]template.HTML, len(keys)),
		localizer: i18n.NewLocalizer(bundle, tag.String()),
	}
	for key, variable := range keys {
		if variable {
			continue
		}
		if text, err := l.localize(&i18n.LocalizeConfig{MessageID: key}); err == nil {
			l.plain[key] = text
		}
	}
	return l
}

// direction says which way a language is written. It goes by the script, so
// that every right-to-left language counts, not a list of four.
func direction(tag language.Tag) string {
	script, _ := tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg":
		return "rtl"
	}
	return "ltr"
}

// match picks the best language for an Accept-Language header.
func (ls *locales) match(acceptLanguage string) *locale {
	const sane = 256
	if acceptLanguage == "" || len(acceptLanguage) > sane {
		return ls.list[0]
	}
	_, i := language.MatchStrings(ls.matcher, acceptLanguage)
	return ls.list[i]
}

// message returns the text of a key. The pairs name and fill the variables of
// the message; "Count" also picks its plural form. Values are escaped unless
// they are HTML already.
func (l *locale) message(key string, pairs ...any) (template.HTML, error) {
	if len(pairs) == 0 {
		if text, ok := l.plain[key]; ok {
			return text, nil
		}
	}
	config := &i18n.LocalizeConfig{MessageID: key}
	data := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return "", fmt.Errorf("message %q: variable %v has no name", key, pairs[i])
		}
		if name == "Count" {
			config.PluralCount = pairs[i+1]
		}
		data[name] = escaped(pairs[i+1])
	}
	config.TemplateData = data
	return l.localize(config)
}

func (l *locale) localize(config *i18n.LocalizeConfig) (template.HTML, error) {
	text, err := l.localizer.Localize(config)
	var missing *i18n.MessageNotFoundErr
	if errors.As(err, &missing) && text != "" {
		err = nil // found in English
	}
	return template.HTML(text), err //nolint:gosec // escaped when loaded
}

func escaped(value any) any {
	switch v := value.(type) {
	case template.HTML:
		return string(v)
	case string:
		return template.HTMLEscapeString(v)
	case int:
		return v
	default:
		return template.HTMLEscapeString(fmt.Sprint(v))
	}
}
