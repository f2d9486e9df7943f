# The commands of this repository; `make help` lists them.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
BUILD := build/release
PYTHON := /usr/bin/python3
BUILD_TARGET = cmake --build $(BUILD) -j $(JOBS) --target

.DEFAULT_GOAL := help
.PHONY: help deps configure build demo test bench lint docs install clean

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps:
	@scripts/install-deps.sh

configure: deps
	@cmake --preset release --log-level=WARNING

build: configure ## installs what is missing and builds the program, build/release/thermoscape
	$(BUILD_TARGET) thermoscape

demo: build ## builds, then probes a digit classifier at five temperatures (two minutes) and says where the report is
	$(BUILD)/thermoscape run recipes/thermal-probe/digits.toml --scale demo

test: configure ## builds everything and runs every test
	$(BUILD_TARGET) all
	ctest --preset release -j $(JOBS) --output-on-failure

bench: configure ## measures the speeds this project promises: a table, and build/bench.json
	$(BUILD_TARGET) thermoscape thermoscape_bench
	$(PYTHON) benchmarks/run.py --bin $(BUILD)/benchmarks/thermoscape_bench --out build/bench.json

lint: configure ## layers, sizes, documents, format, clang-tidy, and a minute of each fuzzer
	tools/check_layers.py
	tools/check_sizes.py
	tools/check_docs.py
	tools/check_format.sh
	$(BUILD_TARGET) all
	scripts/fuzz.sh
	tools/tidy.py --build $(BUILD) --jobs $(JOBS)

docs: build ## checks the documents and writes build/docs/reference.md from the program itself
	tools/check_docs.py
	scripts/write-reference.sh $(BUILD)/thermoscape build/docs/reference.md

install: deps ## installs program, recipes, libraries and headers below PREFIX (/usr/local)
	@cmake --preset release --log-level=WARNING -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	$(BUILD_TARGET) all
	cmake --install $(BUILD)

clean: ## removes build/
	rm -rf build
