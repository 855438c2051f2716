// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/wire"
)

// absentRoutes answer for what Clerk has and this product has not: programs ask for
// lists of it on their way. Everything else there is not is 404.
func absentRoutes() []Route {
	var list []Route
	for _, path := range []string{"/organizations", "/organization_memberships", "/organization_invitations"} {
		list = append(list, route("GET", path, "Always empty: there are no organizations", empty, pageParams...))
	}
	for _, path := range []string{"organization_memberships", "organization_invitations", "oauth_access_tokens/{provider}"} {
		list = append(list, route("GET", "/users/{id}/"+path, "Always empty", emptyOfUser, pageParams...))
	}
	return append(list,
		route("GET", "/domains", "Always empty: the Caddyfile names the origins", empty),
		paged(route("GET", "/redirect_urls", "Always empty: origins are allowed in the Caddyfile", empty)),
		paged(route("GET", "/jwt_templates", "The templates of the Caddyfile", listTemplates)),
	)
}

func empty(*call, Nothing) (List[wire.Nothing], *gatelatch.Refusal, error) {
	return listOf[wire.Nothing](nil, 0), nil, nil
}

func emptyOfUser(c *call, _ Nothing) (List[wire.Nothing], *gatelatch.Refusal, error) {
	_, no, err := c.Admin.User(c.ctx(), c.id())
	return listOf[wire.Nothing](nil, 0), no, err
}

// Template is a named set of claims of the Caddyfile.
type Template struct {
	Object   string            `json:"object"` // "jwt_template"
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Claims   map[string]string `json:"claims"`
	Lifetime int64             `json:"lifetime"` // seconds
}

// templateLifetime is how long a token of a template is valid that says nothing of it,
// see [session.Template].
const templateLifetime = time.Minute

func listTemplates(c *call, _ Nothing) (List[Template], *gatelatch.Refusal, error) {
	q := c.query()
	page := q.slice()
	list := []Template{}
	for i, name := range slices.Sorted(maps.Keys(c.Templates)) {
		t := c.Templates[name]
		if i >= page.Offset && len(list) < page.Limit {
			list = append(list, Template{"jwt_template", "jtmp_" + name, name, t.Claims, int64(cmp.Or(t.Lifetime, templateLifetime).Seconds())})
		}
	}
	return listOf(list, len(c.Templates)), q.no, nil
}
