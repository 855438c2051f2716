# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Shared by the scripts beside this one. Source it; it changes to the root of
# the repository.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

BIN=bin/gatelatch

# Where git refuses to speak, for example because the checkout belongs to
# another user, go cannot stamp the revision into the binary and would fail.
git status >/dev/null 2>&1 || export GOFLAGS="${GOFLAGS:-$(go env GOFLAGS 2>/dev/null || true)} -buildvcs=false"

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() { warn "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
in_ci() { [ "${CI:-}" = true ]; }

# need_go ends the script where there is no Go that can build the module.
need_go() {
	have go || die "Go is not installed; go.mod says which version is needed: $(sed -n 's/^go //p' go.mod)"
}

# golangci finds golangci-lint, also where go install puts it.
golangci() {
	command -v golangci-lint 2>/dev/null && return
	local dir
	dir=$(go env GOBIN)
	dir=${dir:-$(go env GOPATH)/bin}
	[ -x "$dir/golangci-lint" ] && printf '%s\n' "$dir/golangci-lint"
}

# packages_with prints the packages of this module whose test files match.
packages_with() {
	grep -rlE --include='*_test.go' --exclude-dir=e2e --exclude-dir=testdata -- "$1" . |
		xargs -rn1 dirname | sort -u
}
