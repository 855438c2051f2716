// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bufio"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6455 asks for it
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// accept is the answer to a handshake's key (RFC 6455 4.2.2).
func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // RFC 6455 asks for it
	return base64.StdEncoding.EncodeToString(sum[:])
}

// echoWebSocket takes a WebSocket and sends every message back.
func echoWebSocket(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "" {
		http.Error(w, "a WebSocket is wanted", http.StatusBadRequest)
		return
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	_, _ = fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		accept(r.Header.Get("Sec-WebSocket-Key")))
	_ = rw.Flush() // reading tells when it is over
	for {
		op, text, err := readFrame(rw.Reader)
		if err != nil || op == opClose {
			return
		}
		if err := writeFrame(conn, op, text, false); err != nil {
			return
		}
	}
}

const (
	opText  = 1
	opClose = 8
)

// readFrame reads one unfragmented frame of up to 64 KiB.
func readFrame(r *bufio.Reader) (op byte, text []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := int(head[1] & 0x7f)
	if size == 126 {
		var long [2]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			return 0, nil, err
		}
		size = int(binary.BigEndian.Uint16(long[:]))
	} else if size == 127 {
		return 0, nil, errors.New("the frame is too long for a test")
	}
	var mask [4]byte
	if head[1]&0x80 != 0 {
		if _, err := io.ReadFull(r, mask[:]); err != nil {
			return 0, nil, err
		}
	}
	text = make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return 0, nil, err
	}
	for i := range text {
		text[i] ^= mask[i%4]
	}
	return head[0] & 0x0f, text, nil
}

// writeFrame writes a frame of less than 126 bytes.
func writeFrame(w io.Writer, op byte, text []byte, masked bool) error {
	frame := []byte{0x80 | op, byte(len(text))}
	if masked {
		frame[1] |= 0x80
		frame = append(frame, 0, 0, 0, 0) // a mask of zeros changes nothing
	}
	_, err := w.Write(append(frame, text...))
	return err
}

// Socket is a WebSocket of a raw client.
type Socket struct {
	conn net.Conn
	r    *bufio.Reader
}

// DialWebSocket opens a WebSocket on a gate with the cookies of a visitor. A
// refused handshake is returned as the answer, with a nil socket.
func (v *Visitor) DialWebSocket(path string) (*Socket, *http.Response, error) {
	conn, err := net.DialTimeout("tcp", v.Gate.Addr(), Patience)
	if err != nil {
		return nil, nil, err
	}
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails
	key := base64.StdEncoding.EncodeToString(nonce)
	r, err := http.NewRequest(http.MethodGet, v.Gate.URL()+path, nil)
	if err != nil {
		return nil, nil, err
	}
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key,
		"Origin": v.Gate.URL(), "Sec-Fetch-Mode": "websocket", "Sec-Fetch-Dest": "empty",
	} {
		r.Header.Set(name, value)
	}
	for _, c := range v.Cookies() {
		r.AddCookie(c)
	}
	if err := r.Write(conn); err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	s := &Socket{conn: conn, r: bufio.NewReader(conn)}
	answer, err := http.ReadResponse(s.r, r)
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, answer, conn.Close()
	}
	if answer.Header.Get("Sec-WebSocket-Accept") != accept(key) {
		return nil, answer, errors.Join(errors.New("the handshake's answer does not fit its key"), conn.Close())
	}
	return s, answer, nil
}

// Echo sends a text and returns what comes back within d.
func (s *Socket) Echo(text string, d time.Duration) (string, error) {
	if err := s.conn.SetDeadline(time.Now().Add(d)); err != nil {
		return "", err
	}
	if err := writeFrame(s.conn, opText, []byte(text), true); err != nil {
		return "", err
	}
	_, back, err := readFrame(s.r)
	return string(back), err
}

// WaitClosed returns nil when the other side has ended the connection within d.
func (s *Socket) WaitClosed(d time.Duration) error {
	if err := s.conn.SetDeadline(time.Now().Add(d)); err != nil {
		return err
	}
	for {
		op, _, err := readFrame(s.r)
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout():
			return fmt.Errorf("the WebSocket is still open after %v", d)
		case err != nil || op == opClose:
			return nil //nolint:nilerr // the end is what is waited for
		}
	}
}

// Close ends the connection.
func (s *Socket) Close() error { return s.conn.Close() }
