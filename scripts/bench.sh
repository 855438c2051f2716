#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints what things cost: the Go benchmarks, then the gate beside bare
# reverse_proxy under load. Figures mean something only side by side in one run.
# BENCHCOUNT (default 3) is how often each benchmark runs, BENCH which (default
# all).
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_go

export CGO_ENABLED=0
mapfile -t packages < <(packages_with '^func Benchmark')
# One package at a time, or they would slow each other down.
go test -p 1 -run '^$' -bench "${BENCH:-.}" -benchmem -count "${BENCHCOUNT:-3}" "${packages[@]}"
if [ -d internal/loadbench ]; then
	say ""
	go run ./internal/loadbench
fi
