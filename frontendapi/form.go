// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
)

const (
	// maxBody bounds a form, in bytes.
	maxBody = 64 << 10
	// maxFields bounds the number of fields of a form.
	maxFields = 100
)

// form is a decoded body.
type form url.Values

// text returns a field, empty when it was not given.
func (f form) text(name string) string {
	if all := f[name]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// secret returns a field that nobody may see.
func (f form) secret(name string) gatelatch.Secret { return gatelatch.Secret(f.text(name)) }

// given returns a field, nil when it was not given.
func (f form) given(name string) *string {
	if all, ok := f[name]; ok && len(all) > 0 {
		return &all[0]
	}
	return nil
}

// flag reports whether a field was given as true.
func (f form) flag(name string) bool { return f.text(name) == "true" || f.text(name) == "1" }

// readForm decodes a body. It is a form or nothing: programs send neither JSON nor
// files.
func readForm(w http.ResponseWriter, r *http.Request, params []param) (form, *gatelatch.Refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refuseForm("The request is too large.")
	case err != nil:
		return nil, refuseForm("The request could not be read.")
	case len(body) == 0:
		return form{}, nil
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, refuseForm("Send the fields as application/x-www-form-urlencoded.")
	}
	return parseForm(string(body), params)
}

// parseForm reads fields. Those that the route names must be plain text, and come
// once unless they are lists; others are ignored.
func parseForm(body string, params []param) (form, *gatelatch.Refusal) {
	if strings.Count(body, "&") >= maxFields {
		return nil, refuseForm("There are too many fields.")
	}
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, refuseForm("The fields could not be read.")
	}
	f := make(form, len(params))
	for _, p := range params {
		all, ok := values[p.name]
		if !ok {
			continue
		}
		if len(all) > 1 && p.kind != list {
			return nil, &gatelatch.Refusal{Code: gatelatch.CodeDuplicate, Param: p.name, Message: "This field was given more than once."}
		}
		for _, value := range all {
			if !printable(value) {
				return nil, &gatelatch.Refusal{Code: gatelatch.CodeFormat, Param: p.name, Message: "This field holds characters that cannot be used."}
			}
		}
		f[p.name] = all
	}
	return f, nil
}

func refuseForm(message string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeFormat, Message: message}
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\r' && r != '\n' || r == 0x7f
	})
}
