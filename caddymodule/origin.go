// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

var errNoOrigin = errors.New("the address at which browsers reach this site is not known, " +
	"because the site has no name of its own; give it one, or write origin https://app.example.com")

// findOrigins returns the origins of the site that a gate stands in: those the
// operator wrote, or those of the addresses that lead to it.
func (g *Gate) findOrigins(ctx caddy.Context) ([]string, error) {
	if len(g.Origins) > 0 {
		return resolveOrigins(g.Origins)
	}
	server, _ := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if server == nil {
		return nil, errNoOrigin
	}
	hosts, err := hostsOf(ctx, server)
	if err != nil {
		return nil, err
	}
	return derive(hosts, listenersOf(ctx, server))
}

func resolveOrigins(written []string) ([]string, error) {
	origins := make([]string, 0, len(written))
	for _, w := range written {
		origin, err := resolve("origin", w)
		if err != nil {
			return nil, err
		}
		if err := checkOrigin(origin); err != nil {
			return nil, err
		}
		u, err := url.Parse(origin)
		if err != nil {
			return nil, fmt.Errorf("origin %q: %w", origin, err)
		}
		origins = append(origins, originOf(strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()))
	}
	return origins, nil
}

// listener is one port that a server listens on.
type listener struct {
	tls      bool
	port     string // empty for the one that the scheme implies
	number   uint
	loopback bool
}

// listenersOf returns where a server listens. Caddy encrypts a listener when
// the server has a TLS policy and it is not the HTTP port.
func listenersOf(ctx caddy.Context, server *caddyhttp.Server) []listener {
	httpPort, httpsPort := ports(ctx)
	var found []listener
	for _, address := range server.Listen {
		a, err := caddy.ParseNetworkAddress(address)
		if err != nil || a.IsUnixNetwork() || a.IsFdNetwork() || a.StartPort == 0 {
			continue
		}
		l := listener{
			tls: len(server.TLSConnPolicies) > 0 && a.StartPort != httpPort, number: a.StartPort,
			loopback: isLoopback(a.Host), port: strconv.FormatUint(uint64(a.StartPort), 10),
		}
		if l.tls && a.StartPort == httpsPort || !l.tls && a.StartPort == httpPort {
			l.port = "" // what these are reached by from outside, as in Caddy's own redirects
		}
		found = append(found, l)
	}
	return found
}

func ports(ctx caddy.Context) (http, https uint) {
	http, https = caddyhttp.DefaultHTTPPort, caddyhttp.DefaultHTTPSPort
	for _, m := range ctx.Modules() {
		app, ok := m.(*caddyhttp.App)
		if !ok {
			continue
		}
		if app.HTTPPort > 0 {
			http = uint(app.HTTPPort)
		}
		if app.HTTPSPort > 0 {
			https = uint(app.HTTPSPort)
		}
	}
	return http, https
}

// hostsOf returns the host names that lead to the handler which is being
// provisioned; the innermost matcher that names hosts decides.
func hostsOf(ctx caddy.Context, server *caddyhttp.Server) ([]string, error) {
	hosts := hostsIn(server.Routes)
	for _, m := range ctx.Modules() {
		if sub, ok := m.(*caddyhttp.Subroute); ok {
			if inner := hostsIn(sub.Routes); len(inner) > 0 {
				hosts = inner
			}
		}
	}
	resolved := make([]string, 0, len(hosts))
	for _, h := range hosts {
		name, err := resolve("the site's name", h)
		if err != nil || strings.Contains(name, "*") {
			return nil, fmt.Errorf("the site's name %q stands for many; write the address at which browsers reach it, "+
				"such as origin https://app.example.com", h)
		}
		resolved = append(resolved, strings.ToLower(name))
	}
	return resolved, nil
}

// hostsIn returns the hosts that the route being provisioned is limited to,
// none when it is not. Caddy provisions all matchers before the first handler,
// and the raw handlers of a route are dropped once they are loaded, so the
// route in hand is the first that still has them.
func hostsIn(routes caddyhttp.RouteList) []string {
	i := slices.IndexFunc(routes, func(r caddyhttp.Route) bool { return len(r.HandlersRaw) > 0 })
	if i < 0 {
		return nil
	}
	var hosts []string
	for _, set := range routes[i].MatcherSets {
		named := hostMatchers(set)
		if len(named) == 0 {
			return nil // this way in is open to every host
		}
		hosts = append(hosts, named...)
	}
	return hosts
}

func hostMatchers(set caddyhttp.MatcherSet) []string {
	var hosts []string
	for _, m := range set {
		if match, ok := m.(*caddyhttp.MatchHost); ok {
			hosts = append(hosts, *match...)
		}
	}
	return hosts
}

// derive puts hosts and listeners together.
func derive(hosts []string, listeners []listener) ([]string, error) {
	if encrypted := slices.DeleteFunc(slices.Clone(listeners), func(l listener) bool { return !l.tls }); len(encrypted) > 0 {
		listeners = encrypted // what is not encrypted only redirects
	}
	if len(listeners) == 0 {
		return nil, errNoOrigin
	}
	if len(hosts) == 0 {
		if slices.ContainsFunc(listeners, func(l listener) bool { return !l.loopback }) {
			return nil, errNoOrigin
		}
		hosts = []string{"localhost", "127.0.0.1"}
	}
	var origins []string
	for _, host := range hosts {
		for _, l := range listeners {
			if !l.tls && !onThisMachine(host) {
				return nil, fmt.Errorf("the site %s is not encrypted, so anybody on the way could take a session; "+
					"serve it by https, or write origin https://%s when another proxy does", host, host)
			}
			if origin := l.origin(host); !slices.Contains(origins, origin) {
				origins = append(origins, origin)
			}
		}
	}
	return origins, nil
}

func (l listener) origin(host string) string {
	if !l.tls {
		return originOf("http", host, strconv.FormatUint(uint64(l.number), 10))
	}
	return originOf("https", host, l.port)
}

// originOf writes an origin as browsers do, without the scheme's own port.
func originOf(scheme, host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		return scheme + "://" + host
	}
	return scheme + "://" + host + ":" + port
}

// onThisMachine reports names that never leave the machine (RFC 6761 6.3).
func onThisMachine(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || isLoopback(host)
}

// allHere reports whether all hosts are on this machine.
func allHere(of []string, host func(string) string) bool {
	return !slices.ContainsFunc(of, func(s string) bool { return !onThisMachine(host(s)) })
}

// namedHere reports whether no public name leads to the gate that is being
// provisioned, whatever origin was written.
func namedHere(ctx caddy.Context) bool {
	server, _ := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if server == nil {
		return true
	}
	hosts, err := hostsOf(ctx, server)
	return err == nil && allHere(hosts, func(host string) string { return host })
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}

// hostOf returns the host of an origin, without its port.
func hostOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}
