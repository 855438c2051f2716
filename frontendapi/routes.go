// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"net/http"
	"slices"
	"strings"
)

// action answers one call.
type action func(*call)

// route is one call of the API: what serves it, and what its description says.
type route struct {
	method string // GET, POST, PATCH, PUT or DELETE; the last three may come as POST with _method
	// path is below Base + "/v1"; a segment in braces is a value, see call.value.
	path    string
	summary string
	query   []param
	form    []param
	// answer is a zero value of the resource that is answered with; nil for none.
	answer any
	shape  shape
	// site says that the call is about the site, whoever asks.
	site bool
	do   action
}

// shape is how an answer wraps its resource. The zero value is an envelope: the
// resource, and the client or null.
type shape uint8

// The other shapes.
const (
	// bare answers are the resource.
	bare shape = iota + 1
	// redirect answers lead elsewhere.
	redirect
)

// param is one parameter. Those that no route names are ignored.
type param struct {
	name string
	kind kind
	note string
}

// kind is what a parameter holds.
type kind uint8

// The kinds. All are text on the wire; only a list may come several times.
const (
	text kind = iota
	flag
	number
	list
)

// texts returns parameters that hold text.
func texts(names ...string) []param {
	all := make([]param, len(names))
	for i, name := range names {
		all[i] = param{name: name}
	}
	return all
}

// routes are all calls of the API.
var routes = slices.Concat(coreRoutes(), meRoutes(), verifyRoutes())

// match finds the routes of a path by their methods, and the values of its
// segments in braces. Names win over values.
func match(path string) (map[string]*route, map[string]string) {
	segments := strings.Split(path, "/")
	var found map[string]*route
	var values map[string]string
	for i := range routes {
		v, ok := routes[i].matches(segments)
		if !ok || found != nil && len(v) > len(values) {
			continue
		}
		if found == nil || len(v) < len(values) {
			found, values = map[string]*route{}, v
		}
		found[routes[i].method] = &routes[i]
	}
	return found, values
}

func (t *route) matches(segments []string) (map[string]string, bool) {
	own := strings.Split(t.path, "/")
	if len(own) != len(segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, name := range own {
		switch {
		case strings.HasPrefix(name, "{") && segments[i] != "":
			values[strings.Trim(name, "{}")] = segments[i]
		case name != segments[i]:
			return nil, false
		}
	}
	return values, true
}

// override returns the method that is meant: programs send all but GET as POST,
// and say in the query what they mean.
func override(r *http.Request) string {
	if meant := r.URL.Query().Get("_method"); r.Method == http.MethodPost && meant != "" {
		return strings.ToUpper(meant)
	}
	if r.Method == http.MethodHead {
		return http.MethodGet
	}
	return r.Method
}
