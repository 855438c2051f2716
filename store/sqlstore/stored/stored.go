// SPDX-License-Identifier: Apache-2.0

// Package stored says what values look like at rest. Every store uses it, so
// that all of them give back exactly the same.
package stored

import (
	"encoding/json"
	"reflect"
	"time"
)

// Micros returns a time as it stands in the database: Unix microseconds in
// UTC, rounded down, and 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the reverse of [Micros]: UTC, and the zero time for 0.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Moment returns a time as it comes back from a store.
func Moment(t time.Time) time.Time { return Time(Micros(t)) }

// Encode returns the JSON document of an attempt.
func Encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// Decode fills the struct that v points to from a document made by [Encode].
// Every time in it comes back as [Moment] leaves it, wherever it stands, so
// that a new field needs no code here.
func Decode(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	settle(reflect.ValueOf(v))
	return nil
}

var timeType = reflect.TypeFor[time.Time]()

func settle(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			settle(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		settleAll(v)
	case reflect.Struct:
		settleStruct(v)
	}
}

func settleAll(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return
	}
	for i := range v.Len() {
		settle(v.Index(i))
	}
}

func settleStruct(v reflect.Value) {
	if v.Type() != timeType {
		for i := range v.NumField() {
			settle(v.Field(i))
		}
		return
	}
	if v.CanSet() {
		v.Set(reflect.ValueOf(Moment(v.Interface().(time.Time))))
	}
}
