// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// The variants of a gate with the Frontend API: a request to the app, two calls
// that SDKs repeat, and a whole sign-in by code over JSON.
const (
	programsApp    = "+ programs"
	programsClient = "GET client"
	programsTokens = "POST tokens"
	programsSignIn = "sign-in"
)

// people is how many users sign in, each many times.
const people = 64

const programsBody = `	gatelatch {
		store sqlite %[1]s/programs.db
		email outbox %[1]s/programs.outbox
		frontend_api
		test_mode on
		limits {
			guesses_per_identifier off
			sends_per_identifier off
			sends_per_prefix off
			sends_per_network off
			starts_per_network off
			messages_per_site off
		}
	}
`

// startPrograms starts one gate and returns it as four variants, of which the
// first is to be stopped.
func startPrograms(dir, gate, up string) ([]*server, error) {
	s, err := start(dir, gate, programsApp, fmt.Sprintf(programsBody, dir), up)
	if err != nil {
		return nil, err
	}
	api := "http://" + s.addr + "/.auth/v1"
	// The last one signs in only once: who does so hundreds of times has the oldest
	// sessions ended.
	var last *program
	for i := range people + 1 {
		last = newProgram(api)
		if err := last.signUp(person(i)); err != nil {
			s.stop()
			return nil, fmt.Errorf("signing up by JSON: %w", err)
		}
	}
	if s.cookie, err = last.cookies(); err != nil {
		s.stop()
		return nil, err
	}
	var next atomic.Int64
	variant := func(name, line string, each func() error) *server {
		return &server{name: name, addr: s.addr, cookie: s.cookie, cmd: s.cmd, line: line, each: each}
	}
	return []*server{
		s,
		variant(programsClient, "GET /.auth/v1/client", nil),
		variant(programsTokens, "POST /.auth/v1/client/sessions/"+last.session+"/tokens", nil),
		variant(programsSignIn, "", func() error { return newProgram(api).signIn(person(int(next.Add(1)) % people)) }),
	}, nil
}

func person(i int) string { return fmt.Sprintf("visitor%d+clerk_test@example.com", i) }

// program is a page with an SDK in a browser of its own.
type program struct {
	api     string
	client  *http.Client
	session string
}

// connections are kept between programs, as a browser's are: what is measured is
// the gate, not the handshake.
var connections = &http.Transport{MaxIdleConnsPerHost: 256}

func newProgram(api string) *program {
	jar, _ := cookiejar.New(nil) // never fails
	return &program{api: api, client: &http.Client{Jar: jar, Transport: connections, Timeout: 10 * time.Second}}
}

func (p *program) signUp(address string) error {
	id, err := p.post("/client/sign_ups", "email_address", address)
	if err != nil {
		return err
	}
	return p.prove("/client/sign_ups/"+id, "verification")
}

func (p *program) signIn(address string) error {
	id, err := p.post("/client/sign_ins", "identifier", address)
	if err != nil {
		return err
	}
	return p.prove("/client/sign_ins/"+id, "first_factor")
}

// prove asks for the code and gives it back.
func (p *program) prove(attempt, step string) error {
	if _, err := p.post(attempt+"/prepare_"+step, "strategy", "email_code"); err != nil {
		return err
	}
	_, err := p.post(attempt+"/attempt_"+step, "strategy", "email_code", "code", "424242")
	if err == nil && p.session == "" {
		err = errors.New("no session was made")
	}
	return err
}

// post sends fields and returns the id of the resource.
func (p *program) post(path string, fields ...string) (string, error) {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, p.api+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", p.api[:strings.Index(p.api, "/.auth")])
	res, err := p.client.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer struct {
		Response struct {
			ID      string
			Session string `json:"created_session_id"`
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: status %d", path, res.StatusCode)
	}
	p.session = answer.Response.Session
	return answer.Response.ID, nil
}

// cookies is the Cookie header of the browser.
func (p *program) cookies() (string, error) {
	u, err := url.Parse(p.api)
	if err != nil {
		return "", err
	}
	pairs := []string{"theme=dark"}
	for _, c := range p.client.Jar.Cookies(u) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return strings.Join(pairs, "; "), nil
}
