// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

var update = flag.Bool("update", false, "rewrite golden files")

const statesFile = "../docs/states.md"

// TestStatesDocument fails when docs/states.md differs from the tables; run it
// with -update to write it again.
func TestStatesDocument(t *testing.T) {
	want := statesDocument()
	if *update {
		if err := os.WriteFile(statesFile, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(statesFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Fatal("docs/states.md is not what the tables say; run: go test ./flow -run TestStatesDocument -update")
	}
}

func statesDocument() string {
	text, err := os.ReadFile("testdata/states.md.txt")
	if err != nil {
		return err.Error()
	}
	return strings.NewReplacer(
		"{{sign-in}}\n", flow.Table(flow.SignInRows()),
		"{{sign-up}}\n", flow.Table(flow.SignUpRows()),
		"{{change}}\n", flow.Table(flow.ChangeRows()),
	).Replace(string(text))
}

// TestTheTablesCoverTheMachines: what a status admits is what it has rows for.
func TestTheTablesCoverTheMachines(t *testing.T) {
	for _, s := range flow.SignInStatuses() {
		sameInputs(t, string(s), flow.SignIn{Status: s}.Allows(), flow.SignInRows())
	}
	for _, s := range flow.SignUpStatuses() {
		sameInputs(t, string(s), flow.SignUp{Status: s}.Allows(), flow.SignUpRows())
	}
	for _, s := range flow.ChangeStatuses() {
		sameInputs(t, string(s), flow.Change{Status: s}.Allows(), flow.ChangeRows())
	}
}

func sameInputs(t *testing.T, status string, allows []flow.InputKind, rows []flow.Row) {
	t.Helper()
	var told []flow.InputKind
	for _, r := range rows {
		if r.Status == status {
			told = append(told, r.Input)
		}
	}
	slices.Sort(told)
	want := slices.Sorted(slices.Values(allows))
	if told = slices.Compact(told); !slices.Equal(told, want) {
		t.Errorf("%s has rows for %v and admits %v", status, told, want)
	}
}

// edge is one way to run a row of a table.
type edge[S, I any] struct {
	state S
	input I
	env   flow.Env
	// extra checks what the row says beside status, effects and refusal.
	extra func(t *testing.T, before, after S)
}

func TestEveryRowOfTheSignInTable(t *testing.T) {
	edges := signInEdges()
	for _, r := range flow.SignInRows() {
		t.Run(string(r.Input)+": "+r.Guard, func(t *testing.T) {
			e, ok := edges[string(r.Input)+": "+r.Guard]
			if !ok {
				t.Fatal("no test runs this row")
			}
			step := flow.AdvanceSignIn(e.state, e.input, e.env)
			follows(t, r, string(e.state.Status), string(step.Next.Status), step.Effects, step.Refusal)
			if e.extra != nil {
				e.extra(t, e.state, step.Next)
			} else if r.Refusal != "" && !reflect.DeepEqual(step.Next, e.state) {
				t.Errorf("refused, and yet changed to %+v", step.Next)
			}
		})
	}
}

func TestEveryRowOfTheSignUpTable(t *testing.T) {
	edges := signUpEdges()
	for _, r := range flow.SignUpRows() {
		t.Run(string(r.Input)+": "+r.Guard, func(t *testing.T) {
			e, ok := edges[string(r.Input)+": "+r.Guard]
			if !ok {
				t.Fatal("no test runs this row")
			}
			step := flow.AdvanceSignUp(e.state, e.input, e.env)
			follows(t, r, string(e.state.Status), string(step.Next.Status), step.Effects, step.Refusal)
			if e.extra != nil {
				e.extra(t, e.state, step.Next)
			} else if r.Refusal != "" && !reflect.DeepEqual(step.Next, e.state) {
				t.Errorf("refused, and yet changed to %+v", step.Next)
			}
		})
	}
}

// follows compares a step with its row.
func follows(t *testing.T, r flow.Row, before, after string, effects []flow.Effect, refusal *gatelatch.Refusal) {
	t.Helper()
	if before != r.Status {
		t.Errorf("the test begins in %s, the row in %s", before, r.Status)
	}
	if word := strings.FieldsFunc(r.Next, func(c rune) bool { return strings.ContainsRune(",; ", c) })[0]; after != word {
		t.Errorf("next status %s, want %s", after, word)
	}
	if got := effectNames(effects); got != r.Effects {
		t.Errorf("effects %q, want %q", got, r.Effects)
	}
	if code(refusal) != r.Refusal {
		t.Errorf("refused with %q, want %q", code(refusal), r.Refusal)
	}
	if refusal != nil && !strings.HasSuffix(refusal.Message, ".") {
		t.Errorf("the refusal is no whole sentence: %q", refusal.Message)
	}
}

func effectNames(effects []flow.Effect) string {
	var names []string
	for _, e := range effects {
		names = append(names, reflect.TypeOf(e).Name())
	}
	return strings.Join(names, ", ")
}

// TestWhatIsNotInTheTableIsRefused walks every pair of status and input, at
// every age of the attempt.
func TestWhatIsNotInTheTableIsRefused(t *testing.T) {
	for _, status := range flow.SignInStatuses() {
		for _, in := range append(allSignInInputs(), nil) {
			s := judgedSignIn()
			s.Status = status
			if in != nil && slices.Contains(s.Allows(), kindOf(in)) {
				continue
			}
			step := flow.AdvanceSignIn(s, in, at(time.Second))
			refusedFlat(t, string(status), in, s, step.Next, step.Effects, step.Refusal, status == flow.SignInComplete && in != nil)
		}
	}
	for _, status := range flow.SignUpStatuses() {
		for _, in := range append(allSignUpInputs(), nil) {
			s := judgedSignUp()
			s.Status = status
			if in != nil && slices.Contains(s.Allows(), kindOf(in)) {
				continue
			}
			step := flow.AdvanceSignUp(s, in, at(time.Second))
			refusedFlat(t, string(status), in, s, step.Next, step.Effects, step.Refusal, status == flow.SignUpComplete && in != nil)
		}
	}
}

func refusedFlat(t *testing.T, status string, in, before, after any, effects []flow.Effect, r *gatelatch.Refusal, complete bool) {
	t.Helper()
	want := gatelatch.CodeStateInvalid
	if complete {
		want = gatelatch.CodeAlreadyVerified
	}
	if code(r) != want || len(effects) > 0 {
		t.Errorf("%s, %T: refused with %q and %d effects, want %q and none", status, in, code(r), len(effects), want)
	}
	if !reflect.DeepEqual(before, after) {
		t.Errorf("%s, %T: refused, and yet changed", status, in)
	}
}

// TestAnAttemptEndsWithItsLife: at the very instant and ever after nothing
// is accepted, and a complete attempt still says that it is complete.
func TestAnAttemptEndsWithItsLife(t *testing.T) {
	for _, late := range []time.Duration{0, time.Nanosecond, 24 * time.Hour} {
		for _, status := range flow.SignInStatuses() {
			s := judgedSignIn()
			s.Status = status
			for _, in := range allSignInInputs() {
				step := flow.AdvanceSignIn(s, in, at(flow.SignInLifetime+late))
				over(t, step.Refusal, status == flow.SignInComplete)
			}
		}
		for _, status := range flow.SignUpStatuses() {
			s := judgedSignUp()
			s.Status = status
			for _, in := range allSignUpInputs() {
				step := flow.AdvanceSignUp(s, in, at(flow.SignUpLifetime+late))
				over(t, step.Refusal, status == flow.SignUpComplete)
			}
		}
	}
}

func over(t *testing.T, r *gatelatch.Refusal, complete bool) {
	t.Helper()
	want := gatelatch.CodeNotFound
	if complete {
		want = gatelatch.CodeAlreadyVerified
	}
	if code(r) != want {
		t.Errorf("refused with %q, want %q", code(r), want)
	}
}

// kindOf names an input as the tables do.
func kindOf(in any) flow.InputKind {
	switch in.(type) {
	case flow.Identify:
		return flow.InputIdentify
	case flow.Prepare:
		return flow.InputPrepare
	case flow.Attempt:
		return flow.InputAttempt
	case flow.Adopt, flow.AdoptProof:
		return flow.InputAdopt
	case flow.Details:
		return flow.InputDetails
	case flow.Yield:
		return flow.InputYield
	case flow.CountGuess:
		return flow.InputCount
	case flow.JudgeGuess:
		return flow.InputPassword
	case flow.SetPassword:
		return flow.InputReset
	case flow.ShowPasskey:
		return flow.InputPasskey
	case flow.ShowTicket:
		return flow.InputTicket
	case flow.AskOnce:
		return flow.InputAgain
	}
	return ""
}
