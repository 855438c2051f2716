// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// server is one running variant.
type server struct {
	name, addr, cookie string
	cmd                *exec.Cmd
	// line is what is asked, "GET /page" when empty; each, when not nil, is done
	// instead.
	line string
	each func() error
}

const globals = "{\n\tadmin off\n\tpersist_config off\n\tauto_https off\n\tlog {\n\t\tlevel ERROR\n\t}\n}\n"

// startAll starts all variants; the first three have the same cookies.
func startAll(dir, plain, gate, up string) (servers []*server, stop func(), err error) {
	stop = func() {
		for _, s := range servers {
			s.stop()
		}
	}
	outbox := filepath.Join(dir, "outbox")
	body := fmt.Sprintf("\tgatelatch {\n\t\tstore sqlite %s/db\n\t\temail outbox %s\n\t}\n", dir, outbox)
	gated, err := start(dir, gate, "gatelatch", body, up)
	if err != nil {
		return nil, stop, err
	}
	servers = append(servers, gated)
	if gated.cookie, err = signIn(gated.addr, outbox); err != nil {
		return servers, stop, fmt.Errorf("signing in: %w", err)
	}
	for _, v := range [][2]string{{"headers", headerDirectives()}, {"bare", ""}} {
		s, err := start(dir, plain, v[0], v[1], up)
		if err != nil {
			return servers, stop, err
		}
		s.cookie = gated.cookie
		servers = append(servers, s)
	}
	programs, err := startPrograms(dir, gate, up)
	return append(servers, programs...), stop, err
}

// start runs a binary with a site of the given body in front of an upstream,
// and waits for its first answer.
func start(dir, binary, name, body, up string) (*server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%shttp://%s {\n%s\treverse_proxy %s\n}\n", globals, addr, body, up)
	file := filepath.Join(dir, name+".caddyfile")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, "run", "--config", file, "--adapter", "caddyfile") //nolint:gosec // our own binary
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{name: name, addr: addr, cmd: cmd}
	return s, s.awaitAnswer()
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (s *server) awaitAnswer() error {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		resp, err := http.Get("http://" + s.addr + "/") //nolint:gosec // loopback
		if err == nil {
			return resp.Body.Close()
		}
	}
	s.stop()
	return fmt.Errorf("%s did not answer", s.name)
}

// stop ends the process. Variants share one; the others find it gone.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
}

// cpu returns the processor time that the process has used so far.
func (s *server) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * (time.Second / 100) // USER_HZ
}

// resident returns the resident memory in bytes.
func (s *server) resident() int {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(statm))[1])
	return pages * os.Getpagesize()
}
