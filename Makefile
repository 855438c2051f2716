# SPDX-License-Identifier: Apache-2.0
#
# One set of build flags everywhere, since every other set has a cache of its
# own: CGO_ENABLED=0, and CGO_ENABLED=1 only where the race detector needs it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test bench lint e2e golden fuzz build

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build and start the gate on http://localhost:8080 in front of a sample app
	@scripts/demo.sh $(if $(LISTEN),--listen $(LISTEN)) $(if $(DATA),--data $(DATA))

test: ## run everything: vet, lint, unit, store, integration and browser tests, the xcaddy build
	@scripts/test.sh

bench: ## run the benchmarks, then compare the gate with bare reverse_proxy under load
	@scripts/bench.sh

lint: ## run golangci-lint with .golangci.yml
	@scripts/lint.sh

e2e: ## run the browser tests alone
	@scripts/e2e.sh

golden: ## rewrite the golden files of the tests that have some
	@scripts/golden.sh

fuzz: ## run every fuzz target for FUZZTIME each (default 20s)
	@scripts/fuzz.sh

build: ## build bin/gatelatch: Caddy with the gate in it
	@scripts/build.sh
