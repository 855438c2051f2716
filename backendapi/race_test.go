// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// at once runs a call many times at the same moment and counts the statuses.
func atOnce(n int, call func(i int) answer) map[int]int {
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := make(map[int]int)
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			a := call(i)
			mu.Lock()
			defer mu.Unlock()
			statuses[a.status]++
		})
	}
	close(start)
	wg.Wait()
	return statuses
}

const many = 24

func TestOneAddressMakesOneUser(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		got := atOnce(many, func(int) answer { return w.send("POST", "/users", object{"email_address": "ada@example.com"}) })
		if got[200] != 1 || got[422] != many-1 {
			t.Errorf("%v", got)
		}
		got = atOnce(many, func(i int) answer {
			return w.send("POST", "/users", object{"email_address": fmt.Sprintf("p%d@example.com", i), "external_id": "crm-1"})
		})
		if got[200] != 1 || got[422] != many-1 {
			t.Errorf("external ids: %v", got)
		}
	})
}

func TestABackupCodeIsSpentOnce(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.ok("POST", "/users", everything()).id()
		got := atOnce(8, func(int) answer { return w.send("POST", "/users/"+ada+"/verify_totp", object{"code": "abcde-fghjk"}) })
		if got[200] != 1 || got[422] != 7 {
			t.Errorf("%v", got)
		}
	})
}

// A thousand guesses at once are no more than ten.
func TestGuessesAtOnceAreCountedFirst(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.ok("POST", "/users", everything()).id()
		got := atOnce(60, func(int) answer { return w.send("POST", "/users/"+ada+"/verify_password", object{"password": "wrong"}) })
		if got[422] != 10 || got[429] != 50 {
			t.Errorf("%v", got)
		}
	})
}

func TestMergesAtOnceLoseNothing(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		ada := w.user("ada@example.com").id()
		got := atOnce(many, func(i int) answer {
			return w.send("PATCH", "/users/"+ada+"/metadata", object{"public_metadata": object{fmt.Sprintf("k%d", i): i}})
		})
		if bag, _ := w.ok("GET", "/users/"+ada, nil).at("public_metadata").(object); got[200] != many || len(bag) != many {
			t.Errorf("%v, %v", got, bag)
		}
	})
}

// However revocations and requests fall together, nobody is let in once the answer
// has come.
func TestNobodyIsLetInAfterTheAnswer(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		for range 5 {
			ada := w.user(fmt.Sprintf("p%d@example.com", time.Now().UnixNano())).id()
			id, cookies := w.signedIn(ada)
			got := atOnce(12, func(i int) answer {
				if i == 6 {
					return w.send("POST", "/sessions/"+id+"/revoke", nil)
				}
				w.passes(cookies)
				return answer{status: 1}
			})
			if got[200] != 1 || w.passes(cookies) {
				t.Fatalf("%v, and still let in: %v", got, w.passes(cookies))
			}
		}
	})
}

// However many ask at the same moment, an address gets one invitation, and one place
// on the waitlist.
func TestOneAddressGetsOneInvitation(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		got := atOnce(many, func(int) answer {
			return w.send("POST", "/invitations", object{"email_address": "ada@example.com", "notify": false})
		})
		if _, total := w.ok("GET", "/invitations?status=pending&paginated=true", nil).list(); got[200] != 1 || got[400] != many-1 || total != 1 {
			t.Errorf("%v, %d invitations", got, total)
		}
		var mu sync.Mutex
		ids := make(map[string]bool)
		atOnce(many, func(int) answer {
			a := w.send("POST", "/waitlist_entries", object{"email_address": "bob@example.com"})
			mu.Lock()
			defer mu.Unlock()
			ids[a.id()] = true
			return a
		})
		if _, total := w.ok("GET", "/waitlist_entries", nil).list(); len(ids) != 1 || total != 1 {
			t.Errorf("%v, %d wait", ids, total)
		}
		for id := range ids {
			got = atOnce(many, func(int) answer { return w.send("POST", "/waitlist_entries/"+id+"/invite", nil) })
		}
		if _, total := w.ok("GET", "/invitations?paginated=true", nil).list(); got[200] != 1 || got[400] != many-1 || total != 2 {
			t.Errorf("%v, %d invitations", got, total)
		}
	})
}

// The same holds for invitations by command, where the newest one stays.
func TestOneAddressKeepsOneInvitation(t *testing.T) {
	everyStore(t, func(t *testing.T, w *world) {
		got := atOnce(many, func(int) answer {
			if _, no, err := w.handler.Admin.Invite(t.Context(), "ada@example.com", 0); no != nil || err != nil {
				t.Errorf("%v %v", no, err)
			}
			return answer{status: 200}
		})
		if _, total := w.ok("GET", "/invitations?status=pending&paginated=true", nil).list(); got[200] != many || total != 1 {
			t.Errorf("%v, %d invitations", got, total)
		}
	})
}
