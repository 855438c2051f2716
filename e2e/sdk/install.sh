#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the packages of the lock file, unless they are there. npm before 10
# cannot read overrides that name another package, so it brings a newer one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

have=node_modules/.package-lock.json
if [ -e "$have" ] && [ ! package-lock.json -nt "$have" ]; then exit 0; fi

ci=(npm ci --ignore-scripts --no-audit --no-fund --silent)
case $(npm --version) in
[1-9].*) ci=(npm exec --yes --package=npm@10.9.4 -- "${ci[@]}") ;;
esac

SECONDS=0
"${ci[@]}" </dev/null
echo "Installed the packages of e2e/sdk in $SECONDS s."
