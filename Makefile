# Numo's commands. `make` alone lists them.

PYTHON ?= python3
STACK := $(PYTHON) infra/local/stack.py
VENV := target/venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help venv build openapi check check-openapi check-leaks test test-templates test-python test-rust test-storms chaos bench costs fuzz deny sbom demo local-up local-down local-logs package deploy destroy

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: ## Make the Python environment of the local stack in target/venv
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is missing; install Python 3.10 or newer." >&2; exit 1; }
	@$(STACK) venv

build: ## Build every crate and binary for this machine
	@command -v npm >/dev/null || { echo "error: npm is missing; install Node.js 20 or newer." >&2; exit 1; }
	@command -v cargo >/dev/null || { echo "error: cargo is missing; install Rust from https://rustup.rs." >&2; exit 1; }
	cargo build --workspace --bins

OPENAPI := cargo run --quiet -p web --features openapi --example openapi

openapi: ## Write docs/openapi.json, the description of the API, from the code
	@mkdir -p target && $(OPENAPI) > target/openapi.json && mv target/openapi.json docs/openapi.json

check-openapi: ## Check that docs/openapi.json is what the code says
	cargo clippy -p web --features openapi --lib --examples -- -D warnings
	@$(OPENAPI) | diff -u docs/openapi.json - || { echo "error: docs/openapi.json differs from the code; run make openapi." >&2; exit 1; }

check-leaks: ## Look for secrets and telephone numbers in the tree
	$(PYTHON) infra/checks/check_leaks.py

check: check-leaks test-templates check-openapi ## Check formatting, lints, secrets, template rules, documentation and the description of the API
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --document-private-items

test: test-templates test-python test-rust test-storms ## Run every test, end to end included

test-templates: venv ## Check template.yaml with cfn-lint and the rules in infra/checks
	$(VENV) infra/checks/check_template.py

test-python: venv ## Test the template rules, the search for secrets, the costs, the holiday table, the bill of materials and the local stack
	$(VENV) -m unittest discover -s infra/checks
	$(VENV) -m unittest discover -s infra/costs
	$(VENV) -m unittest discover -s infra/holidays
	$(VENV) -m unittest discover -s infra/sbom
	$(VENV) -m unittest discover -s infra/local/tests

test-rust: venv ## Test every crate, end to end included
	cargo test --workspace

STORMS ?= 2000

test-storms: ## Live through days of storms in the simulation, under STORMS (2000) seeds
	NUMO_SIM_SEEDS=$(STORMS) cargo test --workspace --test storms --config tests/simulation/storms.toml

chaos: venv ## Live through a bad day of the local stack: nobody is written to twice, and nothing is lost
	cargo test --workspace --test chaos

demo: venv build ## Show the main job on the local stack; DEMO_EXIT=1 ends after the summary
	@cargo run --quiet --bin numo-demo

bench: venv build ## Measure against the limits; writes target/bench/report.json, docs/performance.md and docs/costs.md
	@$(VENV) tests/bench/bench.py
	@$(VENV) infra/costs/costs.py

costs: ## Write docs/costs.md from the counts of docs/performance.md and the prices of infra/costs
	@$(PYTHON) infra/costs/costs.py

FUZZ_SECONDS ?= 600

fuzz: ## Fuzz what strangers send, FUZZ_SECONDS (600) for each target; needs cargo-fuzz
	@command -v cargo-fuzz >/dev/null || { echo "error: cargo-fuzz is missing; run: cargo install cargo-fuzz --locked" >&2; exit 1; }
	@cp Cargo.lock tests/fuzz/Cargo.lock
	@for target in webhook reply signed_request phone ledger_news; do \
		mkdir -p target/fuzz/$$target && \
		RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none $$target \
			target/fuzz/$$target tests/fuzz/corpus/$$target -- -max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done

DENY ?= advisories bans licenses sources

deny: ## Check advisories, bans, licences and sources of crates (DENY="bans licenses sources" without a network); needs cargo-deny
	@command -v cargo-deny >/dev/null || { echo "error: cargo-deny is missing; run: cargo install cargo-deny --locked" >&2; exit 1; }
	cargo deny --locked check $(DENY)

sbom: ## Write target/sbom/numo.cdx.json, what the functions are built from
	@$(PYTHON) infra/sbom/sbom.py target/sbom/numo.cdx.json

local-up: venv ## Start the local stack and write target/local/stack.json
	@$(STACK) up

local-down: venv ## Stop the local stack
	@$(STACK) down

local-logs: venv ## Copy the functions' logs into target/local/logs/functions
	@$(STACK) logs

package: venv ## Build the functions and zip them into target/lambda
	@$(STACK) package

deploy: venv ## Build for Lambda, show the changes and deploy to AWS: make deploy STAGE=name; YES=1 asks nobody
	@$(STACK) deploy --stage "$(STAGE)"

destroy: venv ## Delete the stack of a stage that holds no data: make destroy STAGE=name
	@$(STACK) destroy --stage "$(STAGE)"
