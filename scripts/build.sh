#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds bin/gatelatch and says every 15 seconds how far it has come: the first
# build compiles all of Caddy.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_go

log=$(mktemp)
compiler=
trap '[ -z "$compiler" ] || kill "$compiler" 2>/dev/null || true; rm -f "$log"' EXIT
trap 'exit 130' INT TERM HUP

if [ ! -x "$BIN" ]; then
	say "Building $BIN. The first build compiles Caddy and takes a few minutes; later ones take seconds."
fi

mkdir -p bin
CGO_ENABLED=0 go build -v -o "$BIN" ./cmd/gatelatch 2>"$log" &
compiler=$!

# go build -v writes a line for each package it compiles, and for each module it fetches.
progress() {
	local fetched compiled
	fetched=$(grep -c '^go: downloading' "$log" || true)
	compiled=$(grep -cv '^go: ' "$log" || true)
	say "  $SECONDS s: fetched $fetched modules, compiled $compiled packages"
}

SECONDS=0
next=15
while kill -0 "$compiler" 2>/dev/null; do
	sleep 0.3
	if [ "$SECONDS" -ge "$next" ]; then
		progress
		next=$((next + 15))
	fi
done

if ! wait "$compiler"; then
	compiler=
	warn "The build failed:"
	grep -vE '^go: downloading|^[a-zA-Z0-9._/-]+$' "$log" >&2 || cat "$log" >&2
	exit 1
fi
compiler=
if [ "$SECONDS" -ge 15 ]; then say "Built $BIN in $SECONDS s."; fi
