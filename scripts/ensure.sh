#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Finds what the tests need beside Go. As root on Debian it installs what is
# missing. Prints the names of the needs that stay unmet on standard output, one
# a line; everything else goes to standard error.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# met reports whether a need is there.
met() {
	case $1 in
	gcc) have gcc || have clang || have cc ;;
	chromium) [ -x "${CHROMIUM:-}" ] || have chromium || have chromium-browser || have google-chrome || have chrome ;;
	fonts) [ "$(uname -s)" != Linux ] || { [ -d /usr/share/fonts/truetype/liberation ] && [ -d /usr/share/fonts/truetype/noto ]; } ;;
	postgres) [ -n "${GATELATCH_TEST_POSTGRES_DSN:-}" ] || have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
	npm) [ ! -f e2e/package.json ] || have npm ;;
	esac
}

# packages names the Debian packages that meet a need.
packages() {
	case $1 in
	gcc) say gcc libc6-dev ;;
	chromium) say chromium ;;
	fonts) say fonts-liberation fonts-noto-core ;;
	postgres) say postgresql ;;
	npm) say nodejs npm ;;
	esac
}

is_debian() { [ -r /etc/os-release ] && grep -qx 'ID=debian' /etc/os-release && have apt-get; }

install() {
	warn "Installing with apt-get: $*"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq >&2 || warn "apt-get update failed; trying with the lists that are there"
	apt-get install -y -qq --no-install-recommends "$@" >/dev/null </dev/null
}

needs=(gcc chromium fonts postgres npm)
missing=()
for need in "${needs[@]}"; do met "$need" || missing+=("$need"); done
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && is_debian; then
	wanted=()
	for need in "${missing[@]}"; do
		read -ra names <<<"$(packages "$need")"
		wanted+=("${names[@]}")
	done
	install "${wanted[@]}" || warn "apt-get could not install everything"
else
	warn "Missing: ${missing[*]}. They are installed only as root on Debian; in Debian's names they are"
	for need in "${missing[@]}"; do warn "  $need: $(packages "$need")"; done
fi

for need in "${missing[@]}"; do
	met "$need" || say "$need"
done
