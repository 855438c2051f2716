#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every test there is, says how long each part took, and goes on after a
# failure so that one run shows all of them. With CI=true a skip is a failure.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_go

failed=()
skipped=()

# part runs a command under a name.
part() {
	local name=$1 begin=$SECONDS
	shift
	say "--- $name"
	if "$@"; then
		say "--- $name: ok, $((SECONDS - begin)) s"
	else
		say "--- $name: FAILED, $((SECONDS - begin)) s"
		failed+=("$name")
	fi
}

skip() {
	say "--- $1: skipped, $2"
	skipped+=("$1 ($2)")
}

# lacks reports whether a need stayed unmet.
lacks() { grep -qx "$1" <<<"$unmet"; }

formatted() {
	local gofmt files
	gofmt=$(go env GOROOT)/bin/gofmt
	files=$(find . -name '*.go' -not -path './e2e/node_modules/*' -print0 | xargs -0 "$gofmt" -l) || return 1
	[ -z "$files" ] || { warn "gofmt would change:"; warn "$files"; return 1; }
}

# vet covers every build of the module, and the browser tests' own module.
vet() {
	CGO_ENABLED=0 go vet ./... && (cd e2e && CGO_ENABLED=0 go vet ./...)
}

race_tests() { CGO_ENABLED=1 go test -race -vet=off -timeout 20m ./...; }
plain_tests() { CGO_ENABLED=0 go test -vet=off -timeout 20m ./...; }

SECONDS=0
say "--- looking for what the tests need"
unmet=$(scripts/ensure.sh)
say "--- looking for what the tests need: $SECONDS s"

part "gofmt" formatted
part "build" scripts/build.sh
part "vet" vet
if [ -n "$(golangci)" ]; then
	part "lint" scripts/lint.sh
else
	say "--- lint: golangci-lint is not installed, so vet stands alone"
fi

# The store suites start a PostgreSQL of their own; where there is none they
# say so themselves, and with CI=true they fail.
! lacks postgres || skip "PostgreSQL store suite" "no PostgreSQL server"
if lacks gcc; then
	skip "race detector" "it needs a C compiler"
	part "unit, store and integration tests without the race detector" plain_tests
else
	part "unit, store and integration tests with the race detector" race_tests
fi

if lacks chromium; then
	skip "browser tests" "no Chromium"
elif lacks npm; then
	skip "browser tests" "no npm, which brings axe-core"
else
	! lacks fonts || say "--- fonts-liberation or fonts-noto-core are missing: screenshots will look different"
	part "browser tests" scripts/e2e.sh
fi

part "xcaddy build by hand" scripts/xcaddy-by-hand.sh

say ""
say "All parts took $((SECONDS / 60)) min $((SECONDS % 60)) s."
for name in "${skipped[@]}"; do say "skipped: $name"; done
for name in "${failed[@]}"; do say "failed: $name"; done
if [ "${#failed[@]}" -gt 0 ]; then exit 1; fi
if in_ci && [ "${#skipped[@]}" -gt 0 ]; then
	say "With CI=true a skip is a failure."
	exit 1
fi
say "Everything that ran has passed."
