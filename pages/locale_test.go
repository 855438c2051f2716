// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func testLocales(t *testing.T, files fstest.MapFS) *locales {
	t.Helper()
	en, err := os.ReadFile("locales/en.json")
	if err != nil {
		t.Fatal(err)
	}
	all := fstest.MapFS{"en.json": {Data: en}}
	for name, file := range files {
		all[name] = file
	}
	ls, err := newLocales(all)
	if err != nil {
		t.Fatal(err)
	}
	return ls
}

func TestLanguageNegotiation(t *testing.T) {
	ls := testLocales(t, fstest.MapFS{
		"ar.json": {Data: []byte(`{"sign_in.title":"تسجيل الدخول"}`)},
		"de.json": {Data: []byte(`{"sign_in.title":"Anmelden"}`)},
	})
	for header, want := range map[string]string{
		"": "en", "de": "de", "de-AT,de;q=0.9,en;q=0.8": "de", "fr, ar;q=0.5": "ar", "fr": "en",
		"*": "en", ";;;": "en", strings.Repeat("de,", 1000): "en",
	} {
		if got := ls.match(header).tag; got != want {
			t.Errorf("%.20q: %s, want %s", header, got, want)
		}
	}
}

func TestMissingTranslationsAreEnglish(t *testing.T) {
	ls := testLocales(t, fstest.MapFS{"de.json": {Data: []byte(`{"sign_in.title":"Anmelden & los"}`)}})
	de := ls.byTag["de"]
	for key, want := range map[string]string{"sign_in.title": "Anmelden &amp; los", "sign_up.submit": "Continue"} {
		if got, err := de.message(key); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", key, got, err)
		}
	}
	got, err := de.message("retry", "Time", "<5>")
	if err != nil || got != "Try again in &lt;5&gt;." {
		t.Errorf("retry: %s, %v", got, err)
	}
}

func TestDirectionGoesByScript(t *testing.T) {
	r, err := NewRenderer(Site{Base: "/.auth", Email: true})
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{
		"en": "ltr", "de": "ltr", "ar": "rtl", "ar-EG": "rtl", "he": "rtl", "fa": "rtl", "ur": "rtl",
		"ps": "rtl", "az-Arab": "rtl", "az": "ltr", "": "ltr", "not a tag": "ltr",
	} {
		if got := r.locale(lang).dir; got != want {
			t.Errorf("%s: %s", lang, got)
		}
	}
}

func TestDurationsInWords(t *testing.T) {
	en := testLocales(t, nil).list[0]
	for d, want := range map[time.Duration]string{
		0: "1 second", time.Millisecond: "1 second", 24 * time.Second: "24 seconds", time.Minute: "1 minute",
		61 * time.Second: "2 minutes", 10 * time.Minute: "10 minutes", 90 * time.Minute: "90 minutes",
		91 * time.Minute: "2 hours", 24 * time.Hour: "24 hours",
	} {
		if got, err := en.duration(d); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", d, got, err)
		}
	}
}

// Texts keep to the house style, and none is left over from a page long gone.
func TestEnglishTexts(t *testing.T) {
	data, err := os.ReadFile("locales/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	source := sources(t)
	dynamic := regexp.MustCompile(`^(error\.(\d{3}|busy)|notice|field|method|setup_mfa)\.|\.title$|\.title\.|^code\.resend\.(email|sms)$|^password\.(\w+_code)$|^account_\w+(\.\w+)?\.(lead|submit|add|all|remove)$`)
	for key, text := range texts {
		if s, ok := text.(string); ok && strings.ContainsAny(s, "!…") {
			t.Errorf("%s raises its voice: %s", key, s)
		}
		if !strings.Contains(source, `"`+key+`"`) && !dynamic.MatchString(key) {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	templates, err := templateSources(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range templates {
		all.WriteString(text)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}
