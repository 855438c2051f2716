// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAnAnswerReachesWhoIsStillSending sends long bodies to their end before it
// reads, as browsers do.
func TestAnAnswerReachesWhoIsStillSending(t *testing.T) {
	port := freePort(t)
	load(t, fmt.Sprintf("http://localhost:%d {\n\tgatelatch {\n\t\tstore sqlite %s/gate.db\n\t}\n\treverse_proxy %s\n}\n", port, t.TempDir(), upstream(t)))
	for _, row := range []struct {
		what, path, media string
		size, status      int
	}{
		{"a form to the app", "/upload", "multipart/form-data; boundary=x", 4 << 20, http.StatusUnauthorized},
		{"a form to a page", "/.auth/sign-in", "application/x-www-form-urlencoded", 2 << 20, http.StatusRequestEntityTooLarge},
		{"a short one", "/upload", "text/plain", 10, http.StatusUnauthorized},
	} {
		t.Run(row.what, func(t *testing.T) {
			answer := sendAll(t, port, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost:%d\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Site: same-origin\r\nOrigin: http://localhost:%d\r\n"+
				"Accept: text/html\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", row.path, port, port, row.media, row.size, strings.Repeat("a", row.size)))
			defer func() { _ = answer.Body.Close() }()
			body, err := io.ReadAll(answer.Body)
			if err != nil || answer.StatusCode != row.status || !strings.Contains(string(body), "</html>") {
				t.Errorf("%d (want %d), %d bytes, %v", answer.StatusCode, row.status, len(body), err)
			}
		})
	}
}

// sendAll reads nothing before everything is sent, with a pause in between.
func sendAll(t *testing.T, port int, request string) *http.Response {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", fmt.Sprintf("localhost:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	half := len(request) / 2
	send := func(part string) {
		if _, err := io.WriteString(conn, part); err != nil {
			t.Fatalf("while sending: %v", err)
		}
	}
	send(request[:half])
	time.Sleep(700 * time.Millisecond) // longer than Go's server waits before it resets
	send(request[half:])
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("after all was sent: %v", err)
	}
	return answer
}
