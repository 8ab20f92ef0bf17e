#!/usr/bin/env bash
# Builds the real peers that e2e runs, each from its own module in this folder
# (their replaces and requirements exclude one another), from the Go module
# proxy only. A binary is kept outside the clone under a key made of the
# toolchain and the peer's own files, so it is built once per version.
#
# usage: build.sh [NAME...]     prints one line per peer: NAME PATH
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${MODELFN_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/modelfn-peers}
export GOWORK=off GOFLAGS=-mod=mod CGO_ENABLED=0

# name, folder of its module, package to build
peers='
kustomize         kustomize sigs.k8s.io/kustomize/kustomize/v5
kpt               kpt       .
kit               kit       github.com/kitops-ml/kitops
cosign2           cosign2   github.com/sigstore/cosign/v2/cmd/cosign
cosign3           cosign3   github.com/sigstore/cosign/v3/cmd/cosign
argocd-cmp-server argocd    ./argocd-cmp-server
cmp-drive         argocd    ./cmp-drive
project-judge     argocd    ./project-judge
argocd-repo-server argocd   ./argocd-repo-server
repo-drive        argocd    ./repo-drive
app-judge         argocd    ./app-judge
crane             crane     github.com/google/go-containerregistry/cmd/crane
oras              oras      oras.land/oras/cmd/oras
registry          distribution github.com/distribution/distribution/v3/cmd/registry
kyverno           kyverno   github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno
gator             gator     github.com/open-policy-agent/gatekeeper/v3/cmd/gator
gatekeeper-makes  gator     ./gatekeeper-makes
etcd              kubernetes go.etcd.io/etcd/server/v3
kube-apiserver    kubernetes k8s.io/kubernetes/cmd/kube-apiserver
kserve-manager    kserve    github.com/kserve/kserve/cmd/manager
llmisvc-manager   kserve    github.com/kserve/kserve/cmd/llmisvc
isvc-judge        kserve    ./isvc-judge
kserve-manager-0.17 kserve017 github.com/kserve/kserve/cmd/manager
flux              flux      github.com/fluxcd/flux2/v2/cmd/flux
source-controller source-controller github.com/fluxcd/source-controller
kustomize-controller kustomize-controller github.com/fluxcd/kustomize-controller
golangci-lint     golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
actionlint        actionlint github.com/rhysd/actionlint/cmd/actionlint
govulncheck       govulncheck golang.org/x/vuln/cmd/govulncheck
'

# What only benchmarks run. It is built where it is named, and not in each CI run.
bench='
helm              helm      helm.sh/helm/v4/cmd/helm
kbld              kbld      carvel.dev/kbld/cmd/kbld
'

build() { # NAME FOLDER PACKAGE
  local name=$1 folder=$here/$2 package=$3 key binary began
  key=$( (go env GOVERSION; cd "$folder"; find . -type f | LC_ALL=C sort | xargs sha256sum) | sha256sum | cut -c1-16)
  binary=$cache/$name-$key/$name
  if [ ! -x "$binary" ]; then
    began=$SECONDS
    mkdir -p "${binary%/*}"
    # A copy: -mod=mod may write go.sum, and the checkout must stay clean.
    local work
    work=$(mktemp -d)
    cp -R "$folder/." "$work/"
    # What a module on the proxy lacks.
    if [ -x "$work/prepare.sh" ]; then (cd "$work" && ./prepare.sh); fi
    (cd "$work" && go build -trimpath -ldflags '-s -w' -o "$binary.new" "$package")
    rm -rf "$work"
    mv "$binary.new" "$binary"
    echo "built $name in $((SECONDS - began)) s" >&2
  fi
  echo "$name $binary"
}

[ $# -eq 0 ] || peers+=$bench
while read -r name folder package; do
  [ -n "$name" ] || continue
  if [ $# -gt 0 ]; then
    case " $* " in *" $name "*) ;; *) continue ;; esac
  fi
  build "$name" "$folder" "$package"
done <<<"$peers"
