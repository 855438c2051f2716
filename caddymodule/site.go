// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/pages"
)

// site is what a gate knows of the site that it stands in front of.
type site struct {
	// key names the site in the delivery queue; it outlives restarts.
	key string
	// origins are the site's own, the first is the one it goes by.
	origins []string
	// https says that browsers come by https.
	https bool
	// development says that the site can be reached from this machine only, by
	// its names.
	development bool
	pages       pages.Site
	brand       delivery.Brand
}

// resolveSite finds out who the site is.
func (g *Gate) resolveSite(ctx caddy.Context) error {
	origins, err := g.findOrigins(ctx)
	if err != nil {
		return err
	}
	s := site{
		origins: origins, https: strings.HasPrefix(origins[0], "https://"), key: origins[0] + g.basePath(),
		development: allHere(origins, hostOf) && namedHere(ctx),
	}
	for _, o := range origins {
		if strings.HasPrefix(o, "https://") != s.https {
			return fmt.Errorf("origins %s mix http and https", strings.Join(origins, " "))
		}
	}
	if err := g.checkCookieScope(s); err != nil {
		return err
	}
	if !s.https && !s.development {
		g.log.Warn("sessions of this site travel unencrypted; anybody on the way can take them", slog.String("origin", origins[0]))
	}
	name, err := resolve("name", g.Name)
	if err != nil {
		return err
	}
	_, host, _ := strings.Cut(origins[0], "://")
	s.brand = delivery.Brand{Name: name, Host: host, Origin: origins[0]}
	if s.pages, err = g.pagesSite(cmp.Or(name, hostOf(origins[0]))); err != nil {
		return err
	}
	g.site = s
	return nil
}

// checkCookieScope refuses a cookie domain that browsers would ignore.
func (g *Gate) checkCookieScope(s site) error {
	if g.Session == nil || g.Session.CookieDomain == "" {
		return nil
	}
	domain := g.Session.CookieDomain
	if !s.https {
		return errors.New("session cookie_domain needs https")
	}
	for _, o := range s.origins {
		if host := hostOf(o); host != domain && !strings.HasSuffix(host, "."+domain) {
			return fmt.Errorf("session cookie_domain %s does not hold %s", domain, host)
		}
	}
	return nil
}

func (g *Gate) pagesSite(name string) (pages.Site, error) {
	policy := g.flowPolicy()
	p := pages.Site{
		Name: name, Base: g.basePath(), Email: g.identifies(wordEmail), Phone: g.identifies(wordPhone),
		Region: strings.ToUpper(g.Region), SignUp: policy.SignUp != flow.SignUpClosed, CodeLength: policy.Code.Length,
		Restricted: g.restricts(policy.SignUp),
	}
	b := g.Branding
	if b == nil {
		return p, nil
	}
	p.Logo, p.Accent, p.Stylesheet, p.Help = b.Logo, b.Accent, b.Stylesheet, b.Help
	var err error
	p.Templates, err = templatesIn(b.Templates)
	return p, err
}

// restricts reports whether not every address may sign up.
func (c *Config) restricts(mode flow.SignUpMode) bool {
	return mode == flow.SignUpInvite || len(c.Allow) > 0 || len(c.Block) > 0 || c.BlockDisposable != ""
}

// templatesIn opens the operator's directory of templates.
func templatesIn(dir string) (fs.FS, error) {
	if dir == "" {
		return nil, nil
	}
	dir, err := resolve("branding templates", dir)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("branding templates: %q is no directory", dir)
	}
	return os.DirFS(dir), nil
}
