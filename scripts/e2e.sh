#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the browser tests against bin/gatelatch. From npm come axe-core, which
# checks the pages for accessibility, and Clerk's SDKs, whose programs run against
# the gate; each in the version of its lock file.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
scripts/build.sh

export GATELATCH_BIN="$PWD/$BIN" CGO_ENABLED=0 NEXT_TELEMETRY_DISABLED=1
cd e2e
if [ -f package-lock.json ] && [ ! -e node_modules/.package-lock.json -o package-lock.json -nt node_modules/.package-lock.json ]; then
	npm ci --silent --no-audit --no-fund --ignore-scripts </dev/null
fi
sdk/install.sh
[ "${GATELATCH_SEEDS:-}" != off ] || say "GATELATCH_SEEDS is off: the programs of the documents that the project began with are left out."
exec go test -count=1 -timeout 30m "$@" ./...
