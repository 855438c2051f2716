// SPDX-License-Identifier: Apache-2.0

// Package pages is the HTML view of the gate: forms over the same operations
// that the JSON view speaks. Everything here works without script; the one
// script file only makes it smoother.
package pages

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

//go:embed templates/*.html assets/gatelatch.css assets/gatelatch.js locales/*.json
var embedded embed.FS

// Renderer turns views into documents. It is safe for concurrent use and holds
// nothing that changes.
type Renderer struct {
	site    Site
	initial string
	// css and js are the paths of the assets, with base and hash.
	css, js string
	assets  map[string]asset
	locales *locales
	// sets holds the parsed templates of each language.
	sets    map[string]*template.Template
	buffers sync.Pool
}

// NewRenderer checks the site's choices, parses the templates, the operator's
// own in place of the embedded ones, and builds the stylesheet. An error names
// the option or the file at fault.
func NewRenderer(s Site) (*Renderer, error) {
	files, err := fs.Sub(embedded, "locales")
	if err != nil {
		return nil, err
	}
	return newRenderer(s, files)
}

func newRenderer(s Site, localeFiles fs.FS) (*Renderer, error) {
	if s.CodeLength == 0 {
		s.CodeLength = 6
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	ls, err := newLocales(localeFiles)
	if err != nil {
		return nil, err
	}
	r := &Renderer{site: s, initial: initial(s.Name), locales: ls, sets: map[string]*template.Template{}}
	r.buffers.New = func() any { return new(bytes.Buffer) }
	if err := r.buildAssets(); err != nil {
		return nil, err
	}
	sources, err := templateSources(s.Templates)
	if err != nil {
		return nil, err
	}
	for _, l := range ls.list {
		if r.sets[l.tag], err = parseSet(l, sources); err != nil {
			return nil, err
		}
	}
	return r, r.rehearse()
}

// check refuses values that would break a page or leave the origin.
func (s *Site) check() error {
	if !isPath(s.Base) || strings.HasSuffix(s.Base, "/") {
		return fmt.Errorf("pages: base %q: want a path like /.auth", s.Base)
	}
	for option, value := range map[string]string{"logo": s.Logo, "stylesheet": s.Stylesheet} {
		if value != "" && !isPath(value) {
			return fmt.Errorf("pages: %s %q: want a path on this site, like /logo.svg", option, value)
		}
	}
	if s.Help != "" && !strings.HasPrefix(s.Help, "mailto:") && !strings.HasPrefix(s.Help, "https://") {
		return fmt.Errorf("pages: help %q: want mailto: or https://", s.Help)
	}
	if !s.Email && !s.Phone {
		return errors.New("pages: neither email nor phone is on")
	}
	return nil
}

// isPath reports whether a browser takes p for a path of this origin.
func isPath(p string) bool {
	return strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "//") && !strings.Contains(p, `\`)
}

// Lang returns the best language there is for an Accept-Language header.
func (r *Renderer) Lang(acceptLanguage string) string {
	return r.locales.match(acceptLanguage).tag
}

// Render writes the whole document of a view. It renders first and writes
// after, so w gets everything or nothing.
func (r *Renderer) Render(w io.Writer, v View) error {
	buf, _ := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(buf)
	buf.Reset()
	l := r.locale(v.Lang)
	if !slices.Contains(Pages(), v.Page) {
		return fmt.Errorf("pages: no page %q", v.Page)
	}
	if err := r.sets[l.tag].ExecuteTemplate(buf, string(v.Page)+".html", r.document(l, v)); err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// locale returns the language asked for. One that has no file gets English
// words laid out in its own direction.
func (r *Renderer) locale(lang string) *locale {
	if l, ok := r.locales.byTag[lang]; ok {
		return l
	}
	l := *r.locales.list[0]
	if tag, err := language.Parse(lang); err == nil {
		l.dir = direction(tag)
	}
	return &l
}
