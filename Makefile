# The only door. `make` alone lists what is behind it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CONNECTOR_PORT ?= 8080
CONNECTOR_OPERATIONS_PORT ?= 0
SIMULATOR_PORT ?= 8081
export CONNECTOR_PORT CONNECTOR_OPERATIONS_PORT SIMULATOR_PORT

CARGO ?= cargo

# A workspace of its own.
RUST_CLIENT := tests/interop/clients/rust/Cargo.toml

SCENARIO ?= mixed
LOAD_SECONDS ?= 40

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Connector and simulated Microsoft 365 on loopback, with a scripted visit
	@$(CARGO) run --package m365-demo

.PHONY: release
release: ## The connector as it is to be run: target/release/m365-connector
	@scripts/profiled.sh m365-connector

.PHONY: test
test: ## Every test that needs cargo alone
	@scripts/test.sh

.PHONY: linear
linear: ## Does reading a message take time that grows no faster than it? (needs valgrind)
	@scripts/with-tools.sh valgrind valgrind scripts/linear.sh

.PHONY: check
check: fmt-check clippy docs layering unused-deps one-of-each ## Format, lints, docs, layering, dependencies

.PHONY: fmt
fmt: ## Format the code
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path $(RUST_CLIENT)

.PHONY: fmt-check
fmt-check:
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path $(RUST_CLIENT) --check

.PHONY: clippy
clippy:
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) clippy --package connector-actors --all-targets --features mailbox-assert --locked -- -D warnings

.PHONY: docs
docs: ## Build the API documentation, warnings are errors
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --document-private-items --locked

.PHONY: layering
layering: ## Does every room import only what it may?
	$(CARGO) test --quiet --locked --package m365-connector --test architecture

.PHONY: published
published: ## Write again what is made from the code: tools' snapshots, dashboards, documents
	@UPDATE_PUBLISHED=1 $(CARGO) test --quiet --package m365-connector --lib --test api published
	@UPDATE_PUBLISHED=1 $(CARGO) test --quiet --package connector-observability --test published

.PHONY: alerts
alerts: ## Does every alert fire when it should, and no sooner? (needs promtool)
	@scripts/with-tools.sh prometheus promtool scripts/alerts.sh

.PHONY: one-of-each
one-of-each: ## Is there one provider of TLS and cryptography in all that is built?
	@scripts/one-of-each.sh

.PHONY: unused-deps
unused-deps: ## Dependencies that nothing uses
	@scripts/unused-deps.sh

.PHONY: interop
interop: ## Clients by strangers, the MCP conformance suite, a receiver of OTLP (installs them below target/ at first)
	@scripts/with-tools.sh npm npm,node scripts/with-tools.sh python3-venv python3 scripts/interop.sh

.PHONY: fuzz
fuzz: ## Look for tokens, messages and bodies that break the rules, FUZZ_SECONDS (60) for each; not in CI
	@scripts/fuzz.sh

.PHONY: mutants
mutants: ## Change token validation and header rules bit by bit: does a test notice? Takes long; not in CI
	@scripts/mutants.sh

.PHONY: sim
sim: ## The core in virtual time: a million schedules (SIM_SCHEDULES), or one (SIM_SEED); and how Graph's limits are used
	@scripts/sim.sh

.PHONY: load
load: ## Users who work: SCENARIO (mixed) for LOAD_SECONDS (40, at most 120), in a debug build
	@scripts/load.sh $(SCENARIO) $(LOAD_SECONDS)

.PHONY: dashboards-check
dashboards-check: ## Does every panel and rule show under load what it should? (needs prometheus)
	@scripts/with-tools.sh prometheus prometheus scripts/dashboards-check.sh $(LOAD_SECONDS)

.PHONY: dashboards-pictures
dashboards-pictures: ## Draw every dashboard again with the data of a load, into docs/dashboards (needs Chromium, too)
	@scripts/with-tools.sh chromium chromium \
		scripts/with-tools.sh prometheus prometheus scripts/dashboards-check.sh $(LOAD_SECONDS) docs/dashboards

.PHONY: bench
bench: ## Warm call against a bare pass-through, and what a hundred thousand sessions cost
	@scripts/bench.sh

.PHONY: bench-simulator
bench-simulator: ## A prepared answer of the simulator against a bare handler, and the memory of many tenants
	@scripts/optimised.sh bench --quiet --locked --package m365-simulator --bench cost
