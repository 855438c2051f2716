// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/pages"
)

var assetPath = regexp.MustCompile(`/\.auth/assets/([^"]+)`)

func TestPagesLoadTheirOwnTwoFilesAndAreLight(t *testing.T) {
	const limit = 40 << 10
	for _, e := range gallery() {
		r := rendererOf(t, e.site)
		var out strings.Builder
		if err := r.Render(&out, e.view); err != nil {
			t.Fatal(err)
		}
		paths := assetPath.FindAllStringSubmatch(out.String(), -1)
		if len(paths) != 2 {
			t.Fatalf("%s loads %d files", e.name, len(paths))
		}
		weight := out.Len()
		for _, p := range paths {
			body, contentType, ok := r.Asset(p[1])
			if !ok || !strings.HasSuffix(contentType, "; charset=utf-8") {
				t.Errorf("%s: asset %s: %v, %s", e.name, p[1], ok, contentType)
			}
			weight += len(body)
		}
		if weight > limit {
			t.Errorf("%s weighs %d bytes, more than %d", e.name, weight, limit)
		}
	}
}

func TestAssetNamesFollowTheirContent(t *testing.T) {
	name := func(accent string) string {
		out := render(t, acmeWith(func(s *pages.Site) { s.Accent = accent }), view(pages.PageSignIn, nil))
		return assetPath.FindStringSubmatch(out)[1]
	}
	first, again, other := name("#102030"), name("#102030"), name("#102031")
	if first == other {
		t.Error("two stylesheets share one name")
	}
	if first != again {
		t.Error("one stylesheet has two names")
	}
}

func TestUnknownAssetsAreNotThere(t *testing.T) {
	r, err := pages.NewRenderer(acme())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "gatelatch.css", "../gatelatch.css", "../../go.mod", "gatelatch.000000000000.js"} {
		if _, _, ok := r.Asset(name); ok {
			t.Errorf("%q is there", name)
		}
	}
}
