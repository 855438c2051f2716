// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestSDKTesting runs Clerk's helpers for suites of tests: they fetch a testing token,
// and put it into the requests of a browser, for which the limits are lifted.
func TestSDKTesting(t *testing.T) {
	t.Parallel()
	needSDK(t)
	const starts = 5
	key := publishableKey(sdkIssuer)
	g := harness.Prepare(t, harness.Config{
		Directive: "test_mode on\n" + withBackend + fmt.Sprintf(
			"frontend_api {\npublishable_key %s\n}\nlimits {\nstarts_per_network %d/m\n}\n", key, starts),
	})
	if err := g.Run(); err != nil {
		t.Fatal(err)
	}
	steps(t, runNode(t, map[string]any{
		"gate": g.URL(), "publishableKey": key, "secretKey": backendSecret, "host": sdkIssuer, "starts": starts,
	}, "node/testing.mjs"))
}
