#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds Caddy with the gate in it as xcaddy would, from this checkout and
# outside of it, and tries the result on Caddyfile.example. See xcaddy.md.
# OUTPUT keeps the binary under that name.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_go

checkout=$PWD
module=github.com/gatelatch/gatelatch
caddy_version=$(go list -m -f '{{.Version}}' github.com/caddyserver/caddy/v2)
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
caddy=$dir/caddy

cat >"$dir/main.go" <<EOF
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddyserver/caddy/v2/modules/standard"
	_ "$module/caddymodule"
)

func main() { caddycmd.Main() }
EOF

cd "$dir"
export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -mod=mod"
go mod init caddy 2>/dev/null
go mod edit -replace "$module=$checkout" \
	-require "github.com/caddyserver/caddy/v2@$caddy_version" -require "$module@v0.0.0"
go mod tidy 2>tidy.log || { cat tidy.log >&2; exit 1; }
go build -o "$caddy" . 2>build.log || { cat build.log >&2; exit 1; }

# From here on nothing reads or writes what belongs to the user.
export HOME=$dir XDG_DATA_HOME=$dir/data XDG_CONFIG_HOME=$dir/config

expect() { grep -qx -- "$2" <<<"$1" || die "list-modules does not show $2"; }
modules=$("$caddy" list-modules --skip-standard)
expect "$modules" "http.handlers.gatelatch"
for guest in stores.sqlite stores.postgres senders.smtp senders.twilio senders.webhook senders.outbox; do
	expect "$modules" "gatelatch.$guest"
done

example=$checkout/Caddyfile.example
# What the example takes from the environment.
export GATELATCH_SECRET=only-for-this-check-0123456789abcdef SMTP_PASSWORD=only-for-this-check
"$caddy" fmt --diff "$example" >fmt.log || { cat fmt.log >&2; die "Caddyfile.example is not formatted"; }
"$caddy" adapt --adapter caddyfile --config "$example" >adapted.json 2>adapt.log || { cat adapt.log >&2; exit 1; }
if grep -q '"level":"warn"\|WARN' adapt.log; then cat adapt.log >&2; die "adapting Caddyfile.example gives warnings"; fi
"$caddy" validate --adapter caddyfile --config "$example" >validate.log 2>&1 || { cat validate.log >&2; exit 1; }

say "$("$caddy" version): built as xcaddy does; Caddyfile.example is formatted, adapts and validates"
if [ -n "${OUTPUT:-}" ]; then
	cp "$caddy" "$checkout/$OUTPUT"
	say "kept as $OUTPUT"
fi
