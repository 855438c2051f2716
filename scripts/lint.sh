#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs golangci-lint on the module and on the browser tests.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_go

lint=$(golangci) || die "golangci-lint v2 is not installed. .golangci.yml says what it would look at."
export CGO_ENABLED=0
"$lint" run ./...
cd e2e
"$lint" run --config ../.golangci.yml ./...
