// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// sample is what one server did in one round.
type sample struct {
	perSecond float64
	cpuMicros float64 // server process, per request
	failed    int64
}

// loadRounds loads the servers one at a time and returns their samples by
// name. The order is reversed every other round, so that a drift of the machine
// hits all alike.
func loadRounds(servers []*server, o options) map[string][]sample {
	samples := map[string][]sample{}
	for _, s := range servers {
		load(s, o.conns, time.Second) // warm-up, not counted
	}
	for round := range o.rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, o.rounds)
		for _, s := range servers {
			samples[s.name] = append(samples[s.name], load(s, o.conns, o.length))
		}
		slices.Reverse(servers)
	}
	return samples
}

func load(s *server, conns int, length time.Duration) sample {
	var done, failed atomic.Int64
	var callers sync.WaitGroup
	before, begin := s.cpu(), time.Now()
	until := begin.Add(length)
	for range conns {
		callers.Go(func() {
			for time.Now().Before(until) {
				if err := s.work(until, &done); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	callers.Wait()
	took, n := time.Since(begin), float64(max(done.Load(), 1))
	return sample{
		perSecond: n / took.Seconds(), failed: failed.Load(),
		cpuMicros: float64((s.cpu() - before).Microseconds()) / n,
	}
}

// work does what the variant is about, once or until a moment.
func (s *server) work(until time.Time, done *atomic.Int64) error {
	if s.each == nil {
		return repeat(s.addr, s.request(), until, done)
	}
	err := s.each()
	if err == nil {
		done.Add(1)
	}
	return err
}

// request is what is sent, with the headers that browsers send with such a one.
func (s *server) request() []byte {
	line := cmp.Or(s.line, "GET /page")
	text := line + " HTTP/1.1\r\nHost: " + s.addr + "\r\nUser-Agent: loadbench\r\nAccept: */*\r\nCookie: " + s.cookie + "\r\n"
	if strings.HasPrefix(line, http.MethodPost) {
		text += "Origin: http://" + s.addr + "\r\nContent-Length: 0\r\n"
	}
	return []byte(text + "\r\n")
}

// repeat sends requests over one connection until a moment; any answer but 200
// is a failure.
func repeat(addr string, request []byte, until time.Time, done *atomic.Int64) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for time.Now().Before(until) {
		if _, err := c.Write(request); err != nil {
			return err
		}
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", resp.StatusCode)
		}
		done.Add(1)
	}
	return nil
}
