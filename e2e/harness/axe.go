// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
)

var axe = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		return "", fmt.Errorf("axe-core is missing, run npm ci in e2e: %w", err)
	}
	return string(text), nil
})

// Violations runs axe-core over the page and returns what it finds. Best
// practices are looked at, too, not only the success criteria.
func (tab *Tab) Violations() []string {
	tab.T.Helper()
	source, err := axe()
	if err != nil {
		Skip(tab.T, err.Error())
	}
	if tab.Eval("typeof axe") == "undefined" {
		tab.Eval(source + "; 0")
	}
	text := tab.Eval(`axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations.map(v =>
		({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map(n => n.html + ' — ' + n.failureSummary)}))))`)
	var found []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		tab.T.Fatalf("axe's answer: %v: %.300s", err, text)
	}
	var list []string
	for _, v := range found {
		list = append(list, fmt.Sprintf("%s (%s): %s\n  %s", v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n  ")))
	}
	return list
}
