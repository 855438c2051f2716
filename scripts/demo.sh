#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the gate and runs "gatelatch demo" until Ctrl-C. Where npm is there, it also
# builds the sample pages that use Clerk's SDKs.
#
# A terminal sends Ctrl-C to its whole foreground process group. Were make in
# it, make would call the interruption an error. So where there is a terminal the
# demo gets a group of its own and the terminal with it: the demo ends by
# itself, with 0, and make with it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
scripts/build.sh

sdk=examples/sdk

# build_pages makes what is missing or older than its source.
build_pages() (
	cd "$sdk" || exit
	if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
		say "Installing the packages of the sample pages, about 140 MB, once."
		npm ci --silent --no-audit --no-fund --ignore-scripts </dev/null || exit
		touch node_modules/.package-lock.json
	fi
	if [ ! -e dist/react.js ] || [ -n "$(find src public build.mjs node_modules/.package-lock.json -newer dist/react.js)" ]; then
		node build.mjs || exit
	fi
)

if ! have npm; then
	say "npm is not installed, so the demo goes without the sample pages that use Clerk's SDKs."
elif build_pages; then
	set -- --sdk "$sdk" "$@"
else
	say "The sample pages that use Clerk's SDKs could not be built, so the demo goes without them."
fi

pid_file=$(mktemp)
trap 'rm -f "$pid_file"' EXIT

# stop ends the demo. SIGTERM, because to Caddy a second SIGINT means "now".
stop() {
	local pid
	pid=$(cat "$pid_file")
	[ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null || true
}
trap stop INT TERM HUP

# shellcheck disable=SC2016 # expanded by the inner shell
run='echo $$ >"$1"; shift; exec "$@"'
if [ -t 0 ]; then
	# "exit" keeps the outer shell from making way for the inner one.
	bash -c 'set -m; bash -c "$0" "$@"; exit $?' "$run" - "$pid_file" "$BIN" demo "$@" <&0 &
else
	bash -c "$run" - "$pid_file" "$BIN" demo "$@" &
fi
runner=$!

# deserted reports that make is gone, or that it alone was interrupted: it then
# waits for this script with SIGINT blocked (bit 2 of the mask), and tells nobody.
deserted() {
	[ -r "/proc/$1/status" ] || return 0
	! grep -q '^State:.*Z' "/proc/$1/status" || return 0
	local blocked
	blocked=$(sed -n 's/^SigBlk:[[:space:]]*//p' "/proc/$1/status")
	((0x$blocked & 2))
}
if [ -r /proc/self/status ]; then
	(
		while sleep 1 && kill -0 "$runner" 2>/dev/null; do
			! deserted "$PPID" || { stop; break; }
		done
	) &
	watcher=$!
fi

status=0
while kill -0 "$runner" 2>/dev/null; do
	status=0
	wait "$runner" || status=$?
done
[ -z "${watcher:-}" ] || kill "$watcher" 2>/dev/null || true
exit "$status"
