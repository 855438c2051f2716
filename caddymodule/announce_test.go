// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/caddymodule"
	"github.com/gatelatch/gatelatch/delivery"
)

// sends takes messages, or does not.
type sends struct{ err error }

func (s sends) Send(context.Context, delivery.Message) error { return s.err }

// TestDevelopmentLog: whoever tries things out finds in the log what a message
// is about and where it leads, and no code that is none.
func TestDevelopmentLog(t *testing.T) {
	for name, row := range map[string]struct {
		message delivery.Message
		err     error
		want    string
	}{
		"a code":   {delivery.Message{Purpose: "sign_in", Code: "042137"}, nil, `"development outbox: code for jo@example.com" code=042137`},
		"a link":   {delivery.Message{Purpose: "sign_in", Code: "042137", Link: "http://localhost/l"}, nil, `code=042137 link=http://localhost/l`},
		"a notice": {delivery.Message{Purpose: delivery.NoticePasskeyAdded}, nil, `"development outbox: message for jo@example.com" about=passkey_added`},
		"invited":  {delivery.Message{Purpose: delivery.NoticeInvitation, Link: "http://localhost/i"}, nil, `about=invitation link=http://localhost/i`},
		"not sent": {delivery.Message{Purpose: "sign_in", Code: "042137"}, errors.New("the disk is full"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			row.message.To = "jo@example.com"
			err := caddymodule.Announcer(sends{row.err}, slog.New(slog.NewTextHandler(&log, nil))).Send(t.Context(), row.message)
			got := strings.TrimSpace(log.String())
			if !errors.Is(err, row.err) || !strings.HasSuffix(got, row.want) || (got == "") != (row.want == "") {
				t.Errorf("%v %s", err, got)
			}
		})
	}
}
