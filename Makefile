# Everyday commands. They need Rust, make, python3 and a C/C++ compiler.
#
# demo, test, lint and bench link a ready-made libduckdb, which .ci/libduckdb.py
# puts into target/libduckdb; when it cannot be had they say so and compile
# DuckDB instead. A plain `cargo build` and `make dist` always compile it in.

PYTHON ?= python3
CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
# A clean run must use exactly the versions of Cargo.lock.
LOCKED := $(if $(CI),--locked)

# Leaves the arguments that every cargo call below adds in "$@". The library's
# folder goes into the programs (rpath), so that target/debug/moisson also runs
# by itself; given as a setting it adds to the flags in the user's config, and
# gives way to RUSTFLAGS, under which LD_LIBRARY_PATH alone leads to the library.
WITH_DUCKDB = folder=$$($(PYTHON) .ci/libduckdb.py); \
	case $$? in \
	0) export DUCKDB_LIB_DIR="$$folder"; \
	   export LD_LIBRARY_PATH="$$folder$${LD_LIBRARY_PATH:+:$$LD_LIBRARY_PATH}"; \
	   set -- $(LOCKED) --no-default-features --features linked \
	     --config "target.'cfg(unix)'.rustflags=['-C', 'link-arg=-Wl,-rpath,$$folder']";; \
	2) exit 2;; \
	*) echo "Compiling DuckDB itself: about 35 minutes on 2 cores, the first time." >&2; \
	   set -- $(LOCKED);; \
	esac

# The tests' crates switch on features of shared ones (chrono in arrow, say).
# One test built beside the program makes cargo choose them now, so that
# `make test` after `make demo` compiles no dependency a second time.
ONE_TEST := $(firstword $(patsubst tests/%.rs,--test=%,$(sort $(wildcard tests/*.rs))))

.PHONY: help demo build test fmt lint ci bench bench-reconcile bench-dav dist clean
.DEFAULT_GOAL := help

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

demo: ## build, then show the invented household's views
	@$(WITH_DUCKDB); $(CARGO) build "$$@" --bin moisson $(ONE_TEST) \
	  && "$(TARGET)/debug/moisson" demo

build: ## build target/debug/moisson
	@$(WITH_DUCKDB); $(CARGO) build "$$@" --bin moisson $(ONE_TEST)

test: ## run every test
	@$(WITH_DUCKDB); $(CARGO) test "$$@"

fmt: ## format the code
	@$(CARGO) fmt

lint: ## refuse unformatted code and any warning of clippy
	@$(CARGO) fmt --check
	@$(WITH_DUCKDB); $(CARGO) clippy "$$@" --all-targets -- -D warnings

ci: ## what a change must pass
	@bash .ci/run

bench: ## import a million rows, beside DuckDB's own import
	@$(WITH_DUCKDB); $(CARGO) build "$$@" --release --bin moisson \
	  && $(PYTHON) benches/import.py --moisson "$(TARGET)/release/moisson" $(BENCH_ARGS)

bench-reconcile: ## join a million movements, bills and contacts, then add a day
	@$(WITH_DUCKDB); $(CARGO) build "$$@" --release --bin moisson \
	  && $(PYTHON) benches/reconcile.py --moisson "$(TARGET)/release/moisson" $(BENCH_ARGS)

bench-dav: ## serve calendars and address books under load, beside other servers
	@$(WITH_DUCKDB); $(CARGO) build "$$@" --release --bin moisson \
	  && $(PYTHON) benches/dav.py --moisson "$(TARGET)/release/moisson" $(BENCH_ARGS)

dist: ## build the one-file program to give away, with DuckDB in it
	@$(CARGO) build --locked --release --bin moisson
	@ls -l "$(TARGET)/release/moisson"

clean: ## remove what was built, keep the downloaded libduckdb
	@$(CARGO) clean --profile dev
	@$(CARGO) clean --profile release
	@rm -rf "$(TARGET)/bench"
