# The commands of this repository. `make` alone lists them.
#
# make demo and make test do all of their own set-up on a machine that has Go,
# Node and Debian's packages; everything that is built lands in build/,
# internal/web/dist/ and node_modules/.

# Tools run at a pinned version without being in go.mod, which carries only what
# ships. Go builds each once and keeps it in its build cache.
export GOFUMPT       := mvdan.cc/gofumpt@v0.12.0
export GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
export GREMLINS      := github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0

# What `make demo` listens on; for instance: make demo DEMO="--listen 127.0.0.1:9000"
DEMO ?=
# Rows of the table of `make bench`, by the beginnings of their names, as in BENCH_ROWS=flat,nested; all when empty. BENCH runs
# other benchmarks instead, as a regular expression. VITRINE_BENCH_PROFILES=directory keeps profiles of Vitrine.
BENCH_ROWS ?=
BENCH    ?=
# The revision that `make bench-compare` compares with.
BASE     ?= main
# The version that `make release` builds.
VERSION  ?= 0.0.0-$(shell git rev-parse --short HEAD 2>/dev/null)
# How long `make fuzz` gives each fuzz test.
FUZZTIME ?= 60s
# How long `make soak` goes on; a round of all disturbances takes about 40 s, on a busy machine minutes; there are two at least.
SOAK     ?= 2m
# How many connections `make crowd` holds open idle, and how many senders are slow.
CROWD    ?= 10000,1000
# The package that `make mutate` changes, and a regular expression for the names of its files; all when empty.
PKG      ?=
FILES    ?=

GO_SOURCES  = $(shell find . -name '*.go' -not -path '*/node_modules/*' -not -path './build/*') go.mod go.sum schema.graphqls
WEB_SOURCES = $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/src/gql/*') schema.graphqls docs/client/scalars.json
# Every directory whose packages come from npm.
NPM_DIRS    = web test/bench/node test/browser test/clients test/http auth/testdata/oidc-provider test/frontends docs/examples/vite-react
NPM_STAMP   = node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help demo test check web screenshots paint generate reference contract site lint fmt bench bench-compare soak crowd fuzz mutate npm clean release
.DELETE_ON_ERROR:

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

demo: web ## serve both stand-ins and the server on loopback, with four users to try
	@.ci/build
	@echo "== starting; Ctrl-C stops it"
	@exec build/vitrine demo $(DEMO)

test: ## all that CI runs: set-up, generated code, format, lint, tests with -race, web, browser
	@.ci/steps test

check: ## the fast inner loop: what test runs, without set-up, npm and browser
	@.ci/steps check

web: internal/web/dist/manifest.json ## build the pages into internal/web/dist

internal/web/dist/manifest.json: web/$(NPM_STAMP) $(WEB_SOURCES)
	@echo "== building the pages: some seconds"
	@npm --prefix web run --silent build
	@touch $@

npm: $(NPM_DIRS:%=%/$(NPM_STAMP)) # fetch npm packages, where the lock file changed

%/$(NPM_STAMP): %/package.json %/package-lock.json
	@echo "== fetching npm packages of $*: half a minute the first time"
	@cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

screenshots: web ## pictures of each page in build/screenshots: 390, 1280 and 1920 pixels wide, light and dark
	@$(MAKE) --no-print-directory test/browser/$(NPM_STAMP)
	@.ci/build
	@mkdir -p build/screenshots
	@VITRINE_BIN="$(CURDIR)/build/vitrine" SCREENSHOTS="$(CURDIR)/build/screenshots" IMAGES="$(CURDIR)/docs/images" npm --prefix test/browser run --silent screenshots

paint: web ## largest contentful paint of the gallery with 50 ms for each answer of Tableau, beside an empty page
	@$(MAKE) --no-print-directory test/browser/$(NPM_STAMP)
	@.ci/build
	@VITRINE_BIN="$(CURDIR)/build/vitrine" npm --prefix test/browser run --silent paint

generate: ## regenerate graph/ from schema.graphqls and gqlgen.yml
	go generate ./...

reference: ## regenerate docs/schema and docs/client from schema.graphqls, the generated parts of docs, and one page with a search box: build/reference.html
	@mkdir -p build
	@VITRINE_REFERENCE_HTML=build/reference.html go test -count 1 -run '^Test(ReferenceIsFresh|GeneratedPartsAreFresh|SettingsSchemaIsFresh|ClientKitIsFresh)$$' ./internal/repotest -update

contract: web/$(NPM_STAMP) ## list changes of schema.graphqls since the accepted contract; one that breaks clients without a deprecation fails
	@npm --prefix web run --silent contract

site: ## the documents as pages with a search box, which need no server: build/site/index.html; fails if a link leads nowhere
	@rm -rf build/site
	@go run ./internal/docsite . build/site

lint: ## gofumpt, go vet, golangci-lint and the words of the project
	@.ci/steps lint

fmt: ## format all Go files
	go run $(GOFUMPT) -w $$(find . -name '*.go' -not -path './graph/*' -not -path '*/node_modules/*')

bench: ## the table of docs/performance.md (BENCH_ROWS=flat for a part), and what a session costs; five minutes. BENCH=. runs all other benchmarks
ifeq ($(BENCH),)
	@command -v npm >/dev/null && $(MAKE) --no-print-directory test/bench/node/$(NPM_STAMP) || echo "the npm packages of the Node facade cannot be fetched"
	@BENCH_ROWS='$(BENCH_ROWS)' go test -run '^$$' -timeout 30m -bench '^Benchmark(BesideProxy$(if $(BENCH_ROWS),,|Content))$$' ./test/bench
	@$(if $(BENCH_ROWS),,go test -run '^$$' -timeout 30m -bench '^Benchmark(Acquire|Memory|FirstRead)$$' -benchmem ./internal/sessions)
else
	@go test -run '^$$' -timeout 30m -bench '$(BENCH)' -benchmem ./...
endif

bench-compare: ## the same table for two revisions in one run: BASE=rev and what is here, without the Node facade
	@BENCH_ROWS='$(BENCH_ROWS)' .ci/bench-compare '$(BASE)'

soak: ## load while sessions end and Tableau fails in every way, for SOAK (2m); nobody may notice
	@SOAK=$(SOAK) go test -run '^TestSoak$$' -count 1 -timeout 60m -v ./test/program

crowd: ## 10,000 idle connections and 1,000 slow senders against one server, CROWD=10000,1000; others are served
	@CROWD=$(CROWD) go test -run '^TestCrowdKeepsNobodyOut$$' -count 1 -timeout 10m -v ./test/bench

fuzz: ## let each fuzz test run for FUZZTIME (60s); long
	@.ci/steps fuzz $(FUZZTIME)

mutate: ## change one operator at a time in PKG (FILES=regexp for some files only) and list the changes that its tests miss; long
	@.ci/mutate $(PKG) '$(FILES)'

# The pages are part of the program once they are built.
build/vitrine: $(GO_SOURCES) $(wildcard internal/web/dist/manifest.json)
	@.ci/build

release: web ## archives for all systems, checksums and SBOMs in build/release: VERSION=1.2.3
	@.ci/release '$(VERSION)'

clean: ## remove what was built and fetched; Go's own caches stay
	rm -rf build $(NPM_DIRS:%=%/node_modules) docs/examples/vite-react/dist docs/examples/vite-react/src/gql web/src/gql
	find internal/web/dist -mindepth 1 -not -name README.md -not -name .gitignore -delete
