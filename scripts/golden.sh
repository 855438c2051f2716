#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rewrites the golden files. Read the diff before you commit it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_go

export CGO_ENABLED=0
for package in $(packages_with '^(var|	).*flag\.Bool\("update"'); do
	go test "$package" -update
done

# The pictures of the README come from the browser tests.
if [ -z "$(scripts/ensure.sh | grep -xE 'chromium|npm')" ]; then
	scripts/e2e.sh -run Readme -update
else
	say "The pictures in docs/images stay as they are: there is no Chromium, or no npm."
fi
