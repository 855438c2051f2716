// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
)

// call is one request.
type call struct {
	*Handler
	w     http.ResponseWriter
	r     *http.Request
	now   time.Time
	route *Route
	// key is the name of the key it came with.
	key string
	// values are those of the segments in braces.
	values map[string]string
	// made is the id of what the call has made, for the log.
	made   string
	status int
}

func (c *call) ctx() context.Context { return c.r.Context() }

// value returns a segment of the path.
func (c *call) value(name string) string { return c.values[name] }

// id returns the id that the path names.
func (c *call) id() string { return c.value("id") }

// idForm is what ids look like. What does not is not looked for.
var idForm = regexp.MustCompile(`^[a-z]{2,10}_[0-9A-Za-z]{1,64}$`)

// find returns the route of the request. When there is none it answers that, in
// the words of the API.
func (c *call) find() *Route {
	below, ok := c.below()
	if !ok {
		c.notFound()
		return nil
	}
	probe := &http.Request{Method: c.r.Method, URL: below, Host: c.r.Host}
	_, pattern := c.mux.Handler(probe)
	route := c.routes[pattern]
	if route == nil {
		c.noRoute(probe)
		return nil
	}
	c.values = valuesOf(route.Path, below.Path)
	if !c.named(route) {
		c.notFound()
		return nil
	}
	return route
}

// named reports whether the values in the path can name anything.
func (c *call) named(route *Route) bool {
	for name, value := range c.values {
		if name != "template" && name != "provider" && !idForm.MatchString(value) {
			return false
		}
	}
	return !strings.HasPrefix(route.Path, "/users/{id}") || strings.HasPrefix(c.id(), gatelatch.PrefixUser+"_")
}

// noRoute tells a wrong method from a path that is not there.
func (c *call) noRoute(probe *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete} {
		other := *probe
		other.Method = method
		if _, pattern := c.mux.Handler(&other); c.routes[pattern] != nil {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		c.notFound()
		return
	}
	c.w.Header().Set("Allow", strings.Join(allowed, ", "))
	c.refuse(gatelatch.Refusal{Code: gatelatch.CodeMethod, Message: "The path takes other methods: " + strings.Join(allowed, ", ") + "."})
}

func (c *call) notFound() {
	c.refuse(gatelatch.Refusal{Code: gatelatch.CodeNotFound, Message: "There is nothing at this path."})
}

// below returns the path under the base of the API. Some programs put a slash
// behind the names of lists.
func (c *call) below() (*url.URL, bool) {
	at, ok := strings.CutPrefix(strings.TrimSuffix(c.r.URL.Path, "/"), c.Base+"/v1/")
	if !ok || !clean("/"+at, c.r.URL.RawPath) {
		return nil, false
	}
	return &url.URL{Path: "/" + at}, true
}

// valuesOf returns the segments of a path that stand for braces of a pattern.
func valuesOf(pattern, at string) map[string]string {
	values := make(map[string]string)
	segments := strings.Split(at, "/")
	for i, name := range strings.Split(pattern, "/") {
		if strings.HasPrefix(name, "{") && i < len(segments) {
			values[strings.Trim(name, "{}")] = segments[i]
		}
	}
	return values
}

// clean reports whether a path is one that nobody would rewrite: no empty
// segments, no dots, no escapes.
func clean(p, raw string) bool {
	return raw == "" && path.Clean(p) == p && !strings.ContainsAny(p, "\\%\x00")
}
