// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// crowd makes five users, a day apart, and returns their ids by first name.
func crowd(w *world) map[string]string {
	w.t.Helper()
	ids := make(map[string]string)
	for i, name := range []string{"Ada", "Bob", "Cyd", "Dan", "Eve"} {
		body := object{
			"first_name": name, "last_name": "Person", "email_address": strings.ToLower(name) + "@example.com", "external_id": "crm-" + name,
			"created_at": w.gate.Clock.Now().AddDate(0, 0, i-10).Format(time.RFC3339),
		}
		if name == "Dan" {
			body["phone_number"] = "+12015550123"
		}
		ids[name] = w.ok("POST", "/users", body).id()
	}
	w.gate.Tx(func(ctx context.Context, tx flow.Tx) error { return tx.MarkSignIn(ctx, ids["Cyd"], w.gate.Clock.Now()) })
	return ids
}

// names returns who is listed, and checks that the count says the same for the
// same filters.
func (w *world) names(query string) []string {
	w.t.Helper()
	rows, _ := w.ok("GET", "/users?"+query, nil).list()
	var got []string
	for _, row := range rows {
		got = append(got, row["first_name"].(string))
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, name := range []string{"limit", "offset", "order_by"} {
		values.Del(name)
	}
	if strings.Contains(query, "offset") {
		return got
	}
	if n := w.ok("GET", "/users/count?"+values.Encode(), nil).at("total_count"); n != float64(len(got)) && !strings.Contains(query, "limit") {
		w.t.Errorf("%s: %d are listed and %v counted", query, len(got), n)
	}
	return got
}

func TestListUsers(t *testing.T) {
	everyStore(t, listsUsers)
}

func listsUsers(t *testing.T, w *world) {
	ids := crowd(w)
	day := func(n int) int64 { return w.gate.Clock.Now().AddDate(0, 0, n).UnixMilli() }
	for query, want := range map[string]string{
		"":                                     "Eve Dan Cyd Bob Ada",
		"order_by=created_at":                  "Ada Bob Cyd Dan Eve",
		"order_by=%2Bcreated_at":               "Ada Bob Cyd Dan Eve",
		"order_by=+created_at":                 "Ada Bob Cyd Dan Eve",
		"order_by=-first_name":                 "Eve Dan Cyd Bob Ada",
		"order_by=email_address&limit=2":       "Ada Bob",
		"order_by=-last_sign_in_at&limit=1":    "Cyd",
		"order_by=created_at&limit=2&offset=2": "Cyd Dan",
		"limit=2&offset=4":                     "Ada",
		"limit=2&offset=99":                    "",
		"email_address=ADA@example.com":        "Ada",
		"email_address=ada@example.com&email_address=bob@example.com": "Bob Ada",
		"email_address=ada@example.com&phone_number=%2B12015550123":   "Dan Ada",
		"phone_number=%2B1+201+555+0123":                              "Dan",
		"external_id=crm-Eve&external_id=crm-nobody":                  "Eve",
		"user_id=" + ids["Bob"] + "&external_id=crm-Eve":              "Eve Bob",
		"user_id=%2B" + ids["Bob"]:                                    "Bob",
		"email_address=nobody@example.com":                            "",
		"email_address=nothing":                                       "", // what is no address is nobody's: not everybody
		"username=ada":                                                "",
		"username=ada&external_id=crm-Ada":                            "Ada",
		"web3_wallet=0x1":                                             "",
		"organization_id=org_1":                                       "",
		"query=AD":                                                    "Ada",
		"query=person":                                                "Eve Dan Cyd Bob Ada",
		"query=5550123":                                               "Dan",
		"query=" + ids["Cyd"]:                                         "Cyd",
		"query=%25":                                                   "",
		"query=bob&external_id=crm-Ada":                               "",
		fmt.Sprintf("created_at_before=%d", day(-8)):                  "Bob Ada",
		fmt.Sprintf("created_at_after=%d", day(-8)):                   "Eve Dan",
		fmt.Sprintf("created_at_after=%d&created_at_before=%d", day(-9), day(-7)): "Cyd",
		fmt.Sprintf("last_sign_in_at_after=%d", day(-1)):                          "Cyd",
		fmt.Sprintf("last_active_at_since=%d", day(1)):                            "",
		"limit=500": "Eve Dan Cyd Bob Ada",
	} {
		if got := strings.Join(w.names(query), " "); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	for query, param := range map[string]string{
		"limit=0": "limit", "limit=501": "limit", "limit=x": "limit", "limit=-1": "limit", "offset=-1": "offset", "order_by=password": "order_by",
		"order_by=--created_at": "order_by", "created_at_before=yesterday": "created_at_before", "last_active_at_since=-5": "last_active_at_since",
		"user_id=-" + ids["Bob"]: "user_id", "created_at_after=99999999999999999": "created_at_after",
		strings.Repeat("external_id=a&", 101): "external_id",
	} {
		code := gatelatch.CodeFormat
		switch param {
		case "order_by":
			code = gatelatch.CodeValue
		case "external_id":
			code = gatelatch.CodeTooLong
		}
		w.refused(422, code, param, "GET", "/users?"+query, nil)
	}
}

// Every user is on one page and no more, whatever the order and the size of pages.
func TestPagesOfUsers(t *testing.T) {
	everyStore(t, pagesOfUsers)
}

func pagesOfUsers(t *testing.T, w *world) {
	for i := range 23 {
		body := object{"email_address": fmt.Sprintf("p%d@example.com", i)}
		if i%3 == 0 {
			body["first_name"] = "Same"
		}
		w.ok("POST", "/users", body)
	}
	for _, order := range []string{
		"created_at", "-created_at", "-updated_at", "email_address", "-phone_number", "first_name", "last_name", "-last_active_at", "last_sign_in_at",
		"username", "-web3wallet",
	} {
		var all []string
		for offset := 0; offset < 30; offset += 7 {
			rows, _ := w.ok("GET", fmt.Sprintf("/users?limit=7&offset=%d&order_by=%s", offset, order), nil).list()
			for _, row := range rows {
				all = append(all, row["id"].(string))
			}
		}
		slices.Sort(all)
		if len(all) != 23 || len(slices.Compact(all)) != 23 {
			t.Errorf("%s: %d users on the pages", order, len(all))
		}
	}
}
