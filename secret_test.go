// SPDX-License-Identifier: Apache-2.0

package gatelatch_test

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
)

const plainSecret = "483920-topsecret"

// leaks lists the forms in which the text could stand in an output.
func leaks(raw string) []string {
	decimal := strings.Trim(fmt.Sprint([]byte(raw)), "[]")
	return []string{
		raw, hex.EncodeToString([]byte(raw)), strings.ToUpper(hex.EncodeToString([]byte(raw))),
		decimal, strings.ReplaceAll(decimal, " ", ","), strings.ReplaceAll(decimal, " ", ", "), fmt.Sprintf("% x", raw),
	}
}

func mustHide(t *testing.T, where, raw, output string) {
	t.Helper()
	for _, form := range leaks(raw) {
		if strings.Contains(output, form) {
			t.Errorf("%s shows the secret: %q", where, output)
			return
		}
	}
}

// verbs are all verbs of package fmt that reach a Formatter, right and wrong
// ones. %T prints no value; %p never asks the value, and go vet refuses it.
func verbs() []string {
	var list []string
	for _, v := range "vsqxXdboOcUeEfFgGtz!" {
		for _, flags := range []string{"", "+", "#", " ", "0", "-", "40", ".3"} {
			list = append(list, "%"+flags+string(v))
		}
	}
	return list
}

func TestSecretsHideFromEveryVerb(t *testing.T) {
	key := gatelatch.Key([]byte("0123456789abcdefghijklmnopqrstuv"))
	keys, err := gatelatch.DeriveKeys([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	text := gatelatch.Secret(plainSecret)
	type holder struct{ Inner gatelatch.Secret }
	for _, verb := range verbs() {
		for name, value := range map[string]any{
			"secret": text, "pointer": &text, "slice": []gatelatch.Secret{text}, "map": map[string]gatelatch.Secret{"a": text},
			"struct": holder{text}, "pointer to struct": &holder{text}, "any": []any{text},
		} {
			mustHide(t, verb+" of a "+name, plainSecret, fmt.Sprintf(verb, value))
		}
		mustHide(t, verb+" of a key", string(key[:]), fmt.Sprintf(verb, key))
		mustHide(t, verb+" of a pointer to a key", string(key[:]), fmt.Sprintf(verb, &key))
		mustHide(t, verb+" of all keys", string(keys.Token[:]), fmt.Sprintf(verb, keys))
	}
	for _, output := range []string{fmt.Sprint(text, key), fmt.Sprintln(text, key), text.String(), key.String(), key.GoString()} {
		mustHide(t, "printing", plainSecret, output)
		mustHide(t, "printing", string(key[:]), output)
		if !strings.Contains(output, "[redacted]") {
			t.Errorf("%q does not say that something was left out", output)
		}
	}
	mustHide(t, "an error", plainSecret, fmt.Errorf("refused: %w, %v", fmt.Errorf("code %s", text), text).Error())
	if text.Reveal() != plainSecret {
		t.Error("Reveal must be the way out")
	}
}

func TestSecretsHideFromLogs(t *testing.T) {
	key := gatelatch.Key([]byte(plainSecret + plainSecret))
	text := gatelatch.Secret(plainSecret)
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
	} {
		var b bytes.Buffer
		log := slog.New(handler(&b))
		log.Info("x", "secret", text, "pointer", &text, "key", key, "both", []any{text, key},
			"keys", gatelatch.Keys{Code: key}, slog.Group("g", "s", text), slog.Any("list", []gatelatch.Secret{text}))
		log.With("secret", text, "key", key).Info(fmt.Sprint(text))
		mustHide(t, name, plainSecret, b.String())
		if !strings.Contains(b.String(), "[redacted]") {
			t.Errorf("%s: %s", name, b.String())
		}
	}
}

func TestSecretsHideFromEncodings(t *testing.T) {
	type both struct {
		Secret  gatelatch.Secret
		Pointer *gatelatch.Secret
		Key     gatelatch.Key
		Attr    gatelatch.Secret `xml:",attr"`
	}
	text := gatelatch.Secret(plainSecret)
	v := both{text, &text, gatelatch.Key([]byte(plainSecret + plainSecret)), text}
	encode := map[string]func() ([]byte, error){
		"json":        func() ([]byte, error) { return json.Marshal(v) },
		"json in map": func() ([]byte, error) { return json.Marshal(map[string]any{"a": v, "b": []any{text, v.Key}}) },
		"xml":         func() ([]byte, error) { return xml.Marshal(v) },
		"gob": func() ([]byte, error) {
			var b bytes.Buffer
			err := gob.NewEncoder(&b).Encode(v)
			return b.Bytes(), err
		},
		"text":     func() ([]byte, error) { return text.MarshalText() },
		"key text": func() ([]byte, error) { return v.Key.MarshalText() },
	}
	for name, f := range encode {
		out, err := f()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		mustHide(t, name, plainSecret, string(out))
		if !bytes.Contains(out, []byte("[redacted]")) {
			t.Errorf("%s does not say that something was left out: %q", name, out)
		}
	}
}

func TestAnEmptySecretLooksLikeAnyOther(t *testing.T) {
	if a, b := fmt.Sprint(gatelatch.Secret("")), fmt.Sprint(gatelatch.Secret(plainSecret)); a != b {
		t.Errorf("%q and %q tell an empty secret from a full one", a, b)
	}
}
