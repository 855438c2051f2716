// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/spf13/cobra"
)

// callTimeout bounds one operation; parts of an import take the longest.
const callTimeout = time.Minute

// caller is a command that talks to a running gate.
type caller struct{ *cobra.Command }

func errUsage(format string, args ...any) error { return fmt.Errorf(format, args...) }

func (c *caller) json() bool {
	on, _ := c.Flags().GetBool("json")
	return on
}

// show runs an operation and prints its answer.
func (c *caller) show(operation string, in any, rows func([]byte) (table, error)) error {
	var answer json.RawMessage
	if err := c.call(operation, in, &answer); err != nil {
		return err
	}
	if c.json() {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, answer, "", "  "); err != nil {
			return err
		}
		_, err := fmt.Fprintln(c.OutOrStdout(), pretty.String())
		return err
	}
	t, err := rows(answer)
	if err != nil {
		return fmt.Errorf("the gate answered something else than expected: %w", err)
	}
	return t.print(c.OutOrStdout())
}

// call runs an operation that takes one JSON object.
func (c *caller) call(operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return c.ask(operation, oneObject, bytes.NewReader(body), out)
}

func (c *caller) ask(operation, kind string, body io.Reader, out any) error {
	address, _ := c.Flags().GetString("address")
	store, _ := c.Flags().GetString("store")
	ctx, cancel := context.WithTimeout(c.context(), callTimeout)
	defer cancel()
	res, err := askAdmin(ctx, address, operation, store, kind, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return sentence(res, address)
	}
	if res.Header.Get(answersHeader) != operation {
		return fmt.Errorf("what answers at %s is not Caddy's admin endpoint, or has no gatelatch in it", address)
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", address, err)
	}
	return nil
}

func (c *caller) context() context.Context {
	if ctx := c.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

// askAdmin asks Caddy's admin endpoint, wherever it listens.
func askAdmin(ctx context.Context, address, operation, store, kind string, body io.Reader) (*http.Response, error) {
	at, err := caddy.ParseNetworkAddress(address)
	if err != nil || at.PortRangeSize() > 1 {
		return nil, fmt.Errorf("--address %q; expected host:port, or unix//path", address)
	}
	host := at.JoinHostPort(0)
	dial := host
	if at.IsUnixNetwork() {
		dial, _, _ = strings.Cut(at.Host, "|") // without the mode of the socket
		host = "127.0.0.1"
	}
	target := url.URL{Scheme: "http", Host: host, Path: adminPrefix + operation}
	if store != "" {
		target.RawQuery = url.Values{"store": {store}}.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, at.Network, dial)
		},
	}}
	res, err := client.Do(r)
	if err != nil {
		return nil, unreachable(address, err)
	}
	return res, nil
}

func unreachable(address string, err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err // without the address of the request
	}
	return fmt.Errorf("no answer from Caddy's admin endpoint at %s (%w); is Caddy running there, with admin on? "+
		"Say where with --address", address, err)
}

// sentence returns the reason of a refusal.
func sentence(res *http.Response, address string) error {
	var refused struct {
		Error string `json:"error"`
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil {
		err = json.Unmarshal(body, &refused)
	}
	if err != nil || refused.Error == "" {
		return fmt.Errorf("the Caddy at %s has no gatelatch in it (it answered %s)", address, res.Status)
	}
	return errors.New(visible(refused.Error))
}
