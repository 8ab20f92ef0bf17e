package generators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

// modelSignatures demands, of the model by its digest, as many of the signers
// that were found as the rule's threshold says. It starts with size() > 0: all()
// over no image would hold. What a rule lets in without a signature is held to
// its name alone, and Kyverno does not get to see it: it wants each image that it
// finds to be signed.
func modelSignatures(m *model.Model) string {
	var b strings.Builder
	var bare []string
	seen := map[string]bool{}
	for _, j := range models(m) {
		image := j.Artifact.Identity()
		if seen[image] {
			continue
		}
		seen[image] = true
		if !demandable(j) {
			bare = append(bare, j.Artifact.StorageURI())
			continue
		}
		fmt.Fprintf(&b, "i == %s\n? %s\n: ", celString(image), signers(j))
	}
	images := "images.model.size() > 0 && images.model.all(i,\n" + b.String() + "false)"
	if len(bare) > 0 {
		return modelURI(m) + " in " + celList(bare) + " ||\n" + images
	}
	return images
}

// imageSignatures demands the same of the containers' images. It goes over those
// of the InferenceService, each of which Kyverno must have found: which ones
// there have to be is a matter of shape.
func imageSignatures(m *model.Model) string {
	var b strings.Builder
	var unsigned []string
	seen := map[string]bool{}
	for _, j := range images(m) {
		image := j.Artifact.Identity()
		if seen[image] {
			continue
		}
		seen[image] = true
		if !demandable(j) {
			unsigned = append(unsigned, image)
			continue
		}
		fmt.Fprintf(&b, "i == %s\n? i in images.containers && %s\n: ", celString(image), signers(j))
	}
	others := "false"
	if len(unsigned) > 0 {
		others = "i in " + celList(unsigned)
	}
	return containerImages(m) + ".all(i,\n" + b.String() + others + ")"
}

// demandable tells whether any signature can be demanded of an artifact.
func demandable(j model.Judged) bool {
	_, need := j.Demand()
	return need > 0
}

// signers demands the signatures of one artifact.
func signers(j model.Judged) string {
	var checks []string
	list, need := j.Demand()
	for _, s := range list {
		id := attestor(s)
		if s.Format == trust.Bundle {
			// verifyImageSignatures would take any attestation for one.
			checks = append(checks, fmt.Sprintf("verifyAttestationSignatures(i, attestations.%s, [attestors.%s]) > 0", signatureAttestation, id))
		} else {
			checks = append(checks, fmt.Sprintf("verifyImageSignatures(i, [attestors.%s]) > 0", id))
		}
	}
	return atLeast(need, checks)
}

// atLeast is a CEL condition that holds when n of the checks do.
func atLeast(n int, checks []string) string {
	switch {
	case n == 1:
		return "(" + strings.Join(checks, " || ") + ")"
	case n == len(checks):
		return "(" + strings.Join(checks, " && ") + ")"
	}
	counts := make([]string, len(checks))
	for i, c := range checks {
		counts[i] = "(" + c + " ? 1 : 0)"
	}
	return fmt.Sprintf("(%s >= %d)", strings.Join(counts, " + "), n)
}

func signedBy(list []model.Judged) string {
	var names []string
	for _, j := range list {
		signers, _ := j.Demand()
		for _, s := range signers {
			names = append(names, s.Authority.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
