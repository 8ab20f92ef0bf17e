package image

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/spdxlib"

	"github.com/modelfn/modelfn/release/internal/source"
)

// TestBill: the bill of a binary, here the one that this module makes, lists what
// the go command finds in it, and nothing else.
func TestBill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "release")
	if out, err := exec.Command("go", "build", "-o", path, "github.com/modelfn/modelfn/release").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	binary := []byte(read(t, path))
	src := source.Source{Revision: "r", Time: commit, Version: "v1.2.3"}
	img, err := of(src, v1.Platform{OS: "linux", Architecture: "arm64"}, binary)
	if err != nil {
		t.Fatal(err)
	}
	content, err := bill(src, img, binary)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Read(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if err := spdxlib.ValidateDocument(doc); err != nil {
		t.Error(err)
	}
	var got []string
	for _, p := range doc.Packages {
		if strings.HasPrefix(string(p.PackageSPDXIdentifier), "Module-") {
			got = append(got, p.PackageName+" "+p.PackageVersion+" "+strings.TrimPrefix(p.PackageSourceInfo, "go.sum: "))
			if want := "pkg:golang/" + p.PackageName + "@" + p.PackageVersion; p.PackageExternalReferences[0].Locator != want {
				t.Errorf("purl %s, want %s", p.PackageExternalReferences[0].Locator, want)
			}
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(modules(t, path), got); diff != "" {
		t.Errorf("modules (-go version -m +bill):\n%s", diff)
	}
	digest, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	described, err := spdxlib.GetDescribedPackageIDs(doc)
	if err != nil || len(described) != 1 || doc.CreationInfo.Created != "2026-01-02T03:04:05Z" || !strings.HasSuffix(doc.DocumentNamespace, digest.Hex) {
		t.Errorf("describes %v (%v), created %s, namespace %s", described, err, doc.CreationInfo.Created, doc.DocumentNamespace)
	}
	about := doc.Packages[slices.IndexFunc(doc.Packages, func(p *spdx.Package) bool { return p.PackageSPDXIdentifier == described[0] })]
	if want := "pkg:oci/modelfn@sha256%3A" + digest.Hex + "?arch=arm64&repository_url=ghcr.io/modelfn/modelfn"; about.PackageExternalReferences[0].Locator != want {
		t.Errorf("is about %s, want %s", about.PackageExternalReferences[0].Locator, want)
	}
	if again, err := bill(src, img, binary); err != nil || !bytes.Equal(again, content) {
		t.Errorf("a second bill differs (%v)", err)
	}
}

// modules asks the go command, as "path version sum".
func modules(t *testing.T, binary string) []string {
	t.Helper()
	out, err := exec.Command("go", "version", "-m", binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); fields[0] == "dep" {
			all = append(all, strings.Join(fields[1:], " "))
		}
	}
	if len(all) < 5 {
		t.Fatalf("go version -m: too little to compare:\n%s", out)
	}
	slices.Sort(all)
	return all
}

// TestBillRefuses: nothing is written that the library would not read.
func TestBillRefuses(t *testing.T) {
	twice := component("Module-a", "a", "v1", "golang/a@v1")
	if _, err := written(&spdx.Document{Packages: []*spdx.Package{twice, twice}}); err == nil || !strings.Contains(err.Error(), "two packages with the SPDX identifier Module-a") {
		t.Errorf("written = %v", err)
	}
	dangling := &spdx.Document{
		SPDXVersion: spdx.Version, SPDXIdentifier: "DOCUMENT", Packages: []*spdx.Package{twice},
		Relationships: []*spdx.Relationship{relation("Module-a", spdx.RelationshipDependsOn, "Module-b")},
	}
	if _, err := written(dangling); err == nil || !strings.Contains(err.Error(), "Module-b") {
		t.Errorf("written = %v, want that Module-b is not there", err)
	}
}
