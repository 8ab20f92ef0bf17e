# modelfn: `make run` shows the main job, `make test` runs the tests.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS  = -s -w -X github.com/modelfn/modelfn/internal/cli.Version=$(VERSION)
# Without gRPC's tracing pages, which nothing here serves, the linker can leave out
# what reflection might have called: a quarter of the program.
TAGS     = grpcnotrace
# Tests that run modelfn as programs, wait for timeouts, or try each byte: with the race
# detector, which all others run under, they take three times as long.
SCRIPTS = ^TestScripts
PLAIN   = ^Test(HostileTexts|HostilePieces|Spellings|RegistryFaultsReference|DiskFaultsReference|Killed|EveryByteOfAnEntryIsChecked)
# The race detector needs cgo, and cgo a C compiler.
RACE     = $(shell command -v $${CC:-cc} >/dev/null 2>&1 && echo -race)

.PHONY: run
run: build ## Build, and render the quickstart: offline, verified
	bin/modelfn build examples/quickstart

.PHONY: build
build:
	CGO_ENABLED=0 $(GO) build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)' -o bin/modelfn .

.PHONY: test
test: ## Vet, generated files fresh, all tests, fuzz seeds; -race where cgo works
	$(GO) vet ./...
	$(GO) mod verify
	$(GO) test $(RACE) -skip '$(SCRIPTS)|$(PLAIN)' ./...
	@# Side by side: both wait for others most of the time.
	$(GO) test ./internal/cli -run '$(SCRIPTS)' & scripts=$$!; \
	$(GO) test ./internal/cli ./artifact -run '$(PLAIN)'; plain=$$?; \
	wait $$scripts && exit $$plain
	cd release && $(GO) vet ./... && $(GO) test ./...

.PHONY: generate
generate: ## Write generated files and golden files anew; generate-e2e writes the rest
	$(GO) test ./api/... -run Schema -update
	$(GO) test ./internal/cli -run 'Reference|Robustness' -update
	$(GO) test ./internal/kserve ./internal/passthrough -run Docs -update
	$(GO) test ./fn -run Golden -update

.PHONY: fuzz
FUZZTIME ?= 30s
fuzz: ## Run each fuzz target for FUZZTIME
	@# Go would make each new input smaller for a minute, and run nothing else meanwhile.
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; $(GO) test $$package -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x || exit 1; \
	  done; \
	done

.PHONY: lint
lint: ## golangci-lint, its version pinned in e2e/peers/golangci-lint
	$$(e2e/peers/build.sh golangci-lint | cut -d' ' -f2) run ./...
	cd e2e && $$(peers/build.sh golangci-lint | cut -d' ' -f2) run ./...
	cd release && $$(../e2e/peers/build.sh golangci-lint | cut -d' ' -f2) run ./...
	$$(e2e/peers/build.sh actionlint | cut -d' ' -f2) .github/workflows/*.yml

.PHONY: vuln
vuln: ## govulncheck, its version pinned in e2e/peers/govulncheck; fails where its database cannot be reached (VULNDB is another)
	@.ci/vuln

.PHONY: e2e
e2e: ## Run against the real kustomize, kpt, Argo CD, Kyverno, KServe, API server, cosign and kit
	cd e2e && $(GO) vet ./... && $(GO) test -count=1 -timeout 60m -skip '^TestFiveHosts' ./...
	@$(MAKE) --no-print-directory hosts

.PHONY: hosts
hosts: ## Render every golden package in all five hosts and compare; refuse every other one in each (builds the peers first)
	@e2e/peers/build.sh argocd-cmp-server cmp-drive kpt kustomize >/dev/null
	@cd e2e && $(GO) test -count=1 -timeout 30m -run '^TestFiveHosts'

.PHONY: attack
attack: ## Attack a model in five ways, and see each refused in CI, at render and at admission (builds the peers first)
	@e2e/peers/build.sh argocd-cmp-server cmp-drive cosign2 cosign3 crane etcd kit kube-apiserver kyverno oras >/dev/null
	@cd e2e && $(GO) test -count=1 -run '^TestAttack$$'

.PHONY: bench
BENCH ?=
bench: ## Measure beside helm, kbld, crane, cosign and kustomize: BENCH='-only locked -n 1,100 -modelfn PATH' (builds the peers first)
	@e2e/peers/build.sh cosign2 crane helm kbld kpt kustomize >/dev/null
	@cd e2e && $(GO) build -o '$(abspath bin/bench)' ./cmd/bench
	@bin/bench $(BENCH)

.PHONY: scale
SCALE ?=
scale: ## Simulate many applications in Argo CD by the costs of the last `make bench`: SCALE='-apps 500 -cores 4'
	@cd e2e && $(GO) build -o '$(abspath bin/scale)' ./cmd/scale
	@bin/scale $(SCALE)

.PHONY: generate-e2e
generate-e2e: ## Write anew what only the real programs can say
	cd e2e && $(GO) test -run 'TestJudgesAgree' . -update

# release/go.mod names the one toolchain that the image's bytes come from.
IMAGE_LAYOUT ?= bin/image
RELEASE = (cd release && GOTOOLCHAIN=$$(sed -n 's/^toolchain //p' go.mod) $(GO) build -o '$(abspath $(IMAGE_LAYOUT)).release' .) && '$(abspath $(IMAGE_LAYOUT)).release'

.PHONY: image
image: ## Build the container image of all platforms, without a container engine: bin/image and bin/image.tar
	@$(RELEASE) image -go $(GO) -version '$(IMAGE_VERSION)' -o '$(IMAGE_LAYOUT)'

.PHONY: image-push
image-push: ## Push what `make image` built: IMAGE=registry.example.com/modelfn[:tag]
	@$(MAKE) --no-print-directory image-upload
	@$(MAKE) --no-print-directory image-tag

.PHONY: image-upload
image-upload: ## Push it under its digest alone, so that it can be signed before anybody sees a tag
	@test -n '$(IMAGE)' || { echo 'say where to: make image-push IMAGE=registry.example.com/modelfn' >&2; exit 2; }
	@$(RELEASE) push '$(IMAGE_LAYOUT)' '$(IMAGE)'

.PHONY: image-tag
image-tag: ## Let its tag name what was pushed
	@test -n '$(IMAGE)' || { echo 'say where to: make image-tag IMAGE=registry.example.com/modelfn' >&2; exit 2; }
	@$(RELEASE) tag '$(IMAGE_LAYOUT)' '$(IMAGE)'

.PHONY: help
help:
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /: /'
