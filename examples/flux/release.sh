#!/usr/bin/env bash
# Renders a directory of models and publishes the result for Flux: verified, rendered,
# pushed, signed, and only then under the tag that the cluster follows. Whatever fails
# ends it there, with modelfn's exit code when it was modelfn (1 refused, 3 could not
# find out), and before anything is pushed when a model is refused.
#
# usage: release.sh DIR REPOSITORY TAG      REPOSITORY: registry.example.com/manifests/ml-serving
#
# PLATFORM            file with the ModelPlatform that holds; default /etc/modelfn/platform.yaml,
#                     baked into modelfn's image. Not one from the models' repository: whoever
#                     writes there would say whom to trust.
# SOURCE, REVISION    where the manifests come from, as Flux shows it
# COSIGN_SIGN_FLAGS   such as "--key file"; without any, cosign signs keyless
set -euo pipefail
[ $# = 3 ] || { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }
dir=$1 repository=$2 tag=$3
platform=${PLATFORM:-/etc/modelfn/platform.yaml}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/manifests"

modelfn verify --require-sealed --platform "$platform" "$dir"
modelfn build --require-sealed --platform "$platform" "$dir" >"$work/manifests/rendered.yaml"

# By the revision first: what a cluster follows is not to be there before its signature.
revision=${REVISION:?such as main@sha1:0123...}
flux push artifact "oci://$repository:${revision##*:}" --path "$work/manifests" \
  --source "${SOURCE:?the address of the repository}" --revision "$revision" \
  --reproducible --output json >"$work/pushed.json"
digest=$(sed -n 's/.*"digest": "\(sha256:[0-9a-f]*\)".*/\1/p' "$work/pushed.json")

# shellcheck disable=SC2086 # several flags
cosign sign --yes ${COSIGN_SIGN_FLAGS:-} "$repository@${digest:?flux named no digest}"
flux tag artifact "oci://$repository@$digest" --tag "$tag"
echo "$repository@$digest"
