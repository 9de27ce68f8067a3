# The front door. `make` lists the targets; CONTRIBUTING.md says more about each.

STAGE ?= dev
DEMO ?= false
YES ?=

export STAGE DEMO YES

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help app install install-test install-bench deploy run stop build web test bench clean destroy

help:
	@echo 'Klieg: live video with about a second of delay, on your own machine.'
	@echo
	@echo '  make app        install what is missing, build, start on http://localhost:8080'
	@echo '  make test       build and run every test'
	@echo
	@echo '  make install    install missing Debian packages (asks for root) and npm packages'
	@echo '  make build      build the daemon, build/klieg'
	@echo '  make web        build the web UI, web/dist'
	@echo '  make deploy     build, check the configuration, (re)start the daemon, wait until it answers'
	@echo '  make run        the same in the foreground'
	@echo '  make stop       stop what make deploy or make app started'
	@echo '  make bench      measure against peers (installs them first)'
	@echo '  make clean      remove what was built, never data'
	@echo '  make destroy    stop the daemon of STAGE and delete its data; asks for the name of the stage'
	@echo
	@echo 'Variables and their defaults:'
	@echo '  STAGE=dev       the block of klieg.json to use'
	@echo '  DEMO=false      true: make app and make deploy also broadcast a test picture into /demo'
	@echo '  YES=            make destroy: the name of the stage, instead of asking'

app: install
	@$(MAKE) --no-print-directory deploy

install:
	@tools/install build $(if $(filter true,$(DEMO)),demo)
	@$(MAKE) --no-print-directory build/build.ninja web/node_modules/.package-lock.json

install-test:
	@tools/install build test

install-bench:
	@tools/install build test bench

build/build.ninja:
	meson setup build --buildtype=release -Dwerror=false

build: build/build.ninja
	ninja -C build klieg

web/node_modules/.package-lock.json: web/package-lock.json
	npm ci --prefix web --no-audit --no-fund
	@touch $@

web: web/dist/index.html

web/dist/index.html: web/node_modules/.package-lock.json $(shell git ls-files web 2>/dev/null)
	npm run --prefix web build

deploy: build web
	@tools/deploy start

run: build web
	@tools/deploy run

stop:
	@tools/deploy stop

test: install-test
	@tools/test unit web e2e

bench: install-bench build
	@bench/run

clean:
	rm -rf build build-* web/dist web/node_modules tests/e2e/node_modules bench-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

destroy:
	@tools/deploy destroy
	@$(MAKE) --no-print-directory clean
