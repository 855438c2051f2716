// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Everybody may load the picture, with or without cookies, from any page.
func TestAvatar(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.signUp("ada@example.com")
	p.extra = http.Header{"Origin": {evil}}
	a := p.get("/avatar.svg?width=80")
	for name, want := range map[string]string{
		"Content-Type": "image/svg+xml", "Content-Security-Policy": "default-src 'none'", "Access-Control-Allow-Origin": "*",
		"Cache-Control": "public, max-age=86400", "Cross-Origin-Resource-Policy": "cross-origin", "X-Content-Type-Options": "nosniff", "Set-Cookie": "",
	} {
		if got := a.header.Get(name); a.status != 200 || got != want {
			t.Errorf("%d, %s: %q, want %q", a.status, name, got, want)
		}
	}
	plain(t, a.body)
	if a := p.post("/avatar.svg"); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("posting to it: %d %v", a.status, a.header)
	}
}

// plain fails for a picture that holds more than shapes.
func plain(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		e, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case !strings.Contains(" svg rect g circle path ", " "+e.Name.Local+" "):
			t.Errorf("it has <%s>", e.Name.Local)
		}
	}
}

func TestEverybodyHasThePicture(t *testing.T) {
	const image = origin + "/.auth/v1/avatar.svg"
	w := newWorld(t)
	p := w.program()
	a := p.signUp("ada@example.com")
	for _, at := range []string{"client.sessions.0.user", "client.sessions.0.public_user_data"} {
		a.want(at+".image_url", image).want(at+".has_image", "false")
	}
	p.get("/me").ok().want("response.image_url", image)
	id := a.str("response.created_session_id")
	p.post("/client/sessions/"+id+"/end").ok().want("response.user.image_url", image).want("response.public_user_data.image_url", image)
	for _, address := range []string{"ada@example.com", "nobody@example.com"} { // it tells nobody apart
		w.program().post("/client/sign_ins", "identifier", address).ok().want("response.user_data.image_url", image)
	}
}
