#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target of the module for FUZZTIME each. What it finds lands in
# testdata/fuzz of the package, to be committed with the fix.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_go

export CGO_ENABLED=0
time=${FUZZTIME:-20s}
failed=()
for package in $(packages_with '^func Fuzz'); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz'); do
		say "--- $package $target for $time"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" || failed+=("$package $target")
	done
done
for name in "${failed[@]}"; do say "failed: $name"; done
[ "${#failed[@]}" -eq 0 ]
