# Everything one does with this repository. `make help` lists it; each target installs what it lacks.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test check build release bench format lint clean

# Usual places of a Swift toolchain that is not on PATH.
export PATH := $(PATH):$(HOME)/.local/share/swiftly/bin:/opt/swift/usr/bin:/usr/share/swift/usr/bin

# SwiftPM lets imports of undeclared targets through without this: see docs/architecture.md.
SWIFT_BUILD := swift build --explicit-target-dependency-import-check error
SOURCES := Package.swift Sources Tests
RUNNER := .build/debug/runner

help: ## Show this
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-9s %s\n", $$1, $$2 }'

demo: ## Build, and show it: on a laptop, then on a server, through pushes and a kill -9
	@scripts/setup demo
	@scripts/quietly build $(SWIFT_BUILD) --product runner
	@scripts/demo

test: ## Run the tests, or some: make test FILTER=PatternTests
	@scripts/setup test
	@scripts/test '$(FILTER)'

check: lint ## What every commit passes: lint, a build without warnings, tests, our own pipelines
	@scripts/setup test
	@scripts/quietly build $(SWIFT_BUILD) --build-tests
	@$(RUNNER) lint
	@scripts/test

build: ## Build for development: .build/debug/runner
	@scripts/setup build
	@scripts/quietly build $(SWIFT_BUILD)

release: ## Build for use: dist/runner, one binary
	@scripts/setup build
	@scripts/quietly release swift build -c release --static-swift-stdlib -Xlinker -s --product runner
	@install -D -m 755 .build/release/runner dist/runner
	@ls -l dist/runner

bench: release ## Measure the runner beside what it is compared with
	@scripts/setup bench
	@python3 benchmarks/run.py dist/runner

format: ## Format the sources in place
	@scripts/setup build
	@swift format --in-place --parallel --recursive $(SOURCES)

lint: ## Check format and style
	@scripts/setup build
	@swift format lint --strict --parallel --recursive $(SOURCES)
	@echo "lint: ok"

clean: ## Remove what was built
	@rm -rf .build dist
