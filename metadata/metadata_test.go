// SPDX-License-Identifier: Apache-2.0

package metadata_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/metadata"
)

// The cases of RFC 7396, appendix A, that are about objects, and more.
func TestMerge(t *testing.T) {
	for _, row := range []struct{ bag, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, ``},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{`{"a":{"b":1}}`, `{"a":[null]}`, `{"a":[null]}`},
		{``, `{"a":1}`, `{"a":1}`},
		{`{"a":1}`, ``, `{"a":1}`},
		{`{"a":1}`, `{}`, `{"a":1}`},
		{`{"n":1}`, `{"n":12345678901234567890123}`, `{"n":12345678901234567890123}`},
		{`{}`, `{"h":"<&>","":0}`, `{"":0,"h":"<&>"}`},
		{`{"A":1}`, `{"a":null}`, `{"A":1}`},
	} {
		got, err := metadata.Merge([]byte(row.bag), []byte(row.patch))
		if err != nil || string(got) != row.want {
			t.Errorf("%s merged with %s: %s, %v", row.bag, row.patch, got, err)
		}
	}
}

func TestRead(t *testing.T) {
	deepest := strings.Repeat(`{"a":`, metadata.MaxDepth-1) + "{}" + strings.Repeat("}", metadata.MaxDepth-1)
	full := `{"a":"` + strings.Repeat("x", gatelatch.MaxMetadata-8) + `"}`
	for _, row := range []struct {
		name, raw, want string
		err             error
	}{
		{"nothing", "", "", nil},
		{"an empty object", " { } ", "", nil},
		{"sorted, without spaces", `{ "b" : 1, "a" : [ 1 , 2 ] }`, `{"a":[1,2],"b":1}`, nil},
		{"the last of two", `{"a":1,"a":2}`, `{"a":2}`, nil},
		{"a number that no float64 holds", `{"a":[{"n":1e400}]}`, "", metadata.ErrOdd},
		{"a long number that one holds nearly", `{"n":0.1e-400}`, `{"n":0.1e-400}`, nil},
		{"the character NUL in a text", `{"a":{"b":"x\u0000"}}`, "", metadata.ErrOdd},
		{"the character NUL in a name", `{"a":{"\u0000":1}}`, "", metadata.ErrOdd},
		{"exactly long enough", full, full, nil},
		{"a byte too long", full[:len(full)-2] + `x"}`, "", metadata.ErrLong},
		{"exactly deep enough", deepest, deepest, nil},
		{"one level too deep", `{"a":` + deepest + `}`, "", metadata.ErrDeep},
		{"brackets in a text", `{"a":"[[\"[[["}`, `{"a":"[[\"[[["}`, nil},
		{"null", "null", "", metadata.ErrObject},
		{"a list", "[]", "", metadata.ErrObject},
		{"a text", `"a"`, "", metadata.ErrObject},
		{"half an object", `{"a":`, "", metadata.ErrObject},
		{"two objects", `{}{}`, "", metadata.ErrObject},
		{"no UTF-8", "{\"a\":\"\xff\"}", "", metadata.ErrObject},
	} {
		got, err := metadata.Read([]byte(row.raw))
		if !errors.Is(err, row.err) || string(got) != row.want {
			t.Errorf("%s: %.60s, %v", row.name, got, err)
		}
	}
}

// A million brackets are counted, and nothing is made of them.
func TestABombIsNoBag(t *testing.T) {
	bomb := `{"a":` + strings.Repeat("[", 1<<20)
	if _, err := metadata.Read([]byte(bomb)); !errors.Is(err, metadata.ErrDeep) {
		t.Errorf("%v", err)
	}
}

func values(depth int) *rapid.Generator[any] {
	plain := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) any { return rapid.StringMatching("[a-z<é]{0,3}").Draw(t, "text") }),
		rapid.Custom(func(t *rapid.T) any { return float64(rapid.IntRange(-9, 9).Draw(t, "number")) }),
		rapid.Custom(func(t *rapid.T) any { return rapid.Bool().Draw(t, "truth") }),
		rapid.Just[any](nil),
	)
	if depth == 0 {
		return plain
	}
	return rapid.OneOf(plain,
		rapid.Custom(func(t *rapid.T) any { return objects(depth-1).Draw(t, "object") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.SliceOfN(values(depth-1), 0, 3).Draw(t, "list") }),
	)
}

func objects(depth int) *rapid.Generator[map[string]any] {
	return rapid.MapOfN(rapid.StringMatching("[abc]"), values(depth), 0, 3)
}

func text(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func value(t *rapid.T, b []byte) map[string]any {
	m := map[string]any{}
	if len(b) > 0 {
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// mergePatch is the pseudocode of RFC 7396, section 2, word for word.
func mergePatch(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	old, _ := target.(map[string]any)
	made := map[string]any{}
	for k, v := range old {
		made[k] = v
	}
	for k, v := range p {
		if v == nil {
			delete(made, k)
			continue
		}
		made[k] = mergePatch(made[k], v)
	}
	return made
}

func TestMergeIsThatOfTheRFC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bag, patch := objects(3).Draw(t, "bag"), objects(3).Draw(t, "patch")
		got, err := metadata.Merge(text(t, bag), text(t, patch))
		if err != nil {
			t.Fatal(err)
		}
		want := value(t, text(t, mergePatch(bag, patch)))
		if !reflect.DeepEqual(value(t, got), want) {
			t.Fatalf("%s and %s made %s", text(t, bag), text(t, patch), got)
		}
		again, err := metadata.Merge(got, text(t, patch))
		if err != nil || !bytes.Equal(again, got) {
			t.Fatalf("a second time it made %s of %s: %v", again, got, err)
		}
		if stored, err := metadata.Read(got); err != nil || !bytes.Equal(stored, got) {
			t.Fatalf("not in the stored form: %s", got)
		}
	})
}

func FuzzMerge(f *testing.F) {
	f.Add([]byte(`{"a":{"b":1}}`), []byte(`{"a":{"b":null,"c":[1,{"d":null}]}}`))
	f.Add([]byte(`{"\u0000":"\ud800"}`), []byte(`{"a":1e999,"a":-0}`))
	f.Add([]byte(" {}\n"), []byte("{\"\xff\":1}"))
	f.Add([]byte(nil), []byte(`[[[[`))
	f.Fuzz(func(t *testing.T, bag, patch []byte) {
		made, err := metadata.Merge(bag, patch)
		if err != nil {
			return
		}
		if len(made) > gatelatch.MaxMetadata || metadata.Depth(made) > metadata.MaxDepth {
			t.Fatalf("made %d bytes", len(made))
		}
		stored, err := metadata.Read(made)
		if err != nil || !bytes.Equal(stored, made) {
			t.Fatalf("%q is not in the stored form: %q, %v", made, stored, err)
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{"a":[{}]}`, "null", `{"a":"\\\"["}`, "{", `{"a":1}x`, "\xef\xbb\xbf{}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		bag, err := metadata.Read(raw)
		if err != nil && bag != nil {
			t.Fatal("refused, and returned")
		}
		if err == nil && len(bag) > 0 && !json.Valid(bag) {
			t.Fatalf("%q", bag)
		}
	})
}
