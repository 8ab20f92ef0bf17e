package image

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdxlib"

	"github.com/modelfn/modelfn/release/internal/source"
)

// spdxJSON is the media type of a bill of materials.
const spdxJSON = "application/spdx+json"

const (
	imageID  = common.ElementID("Image")
	binaryID = common.ElementID("Binary")
)

// bill is the bill of materials of an image: what the binary in it says that it
// was made of, in SPDX 2.3.
func bill(src source.Source, img v1.Image, binary []byte) ([]byte, error) {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return nil, err
	}
	platform, err := platformOf(img)
	if err != nil {
		return nil, err
	}
	digest, err := img.Digest()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(binary)
	main := component(binaryID, info.Main.Path, src.Version, "golang/"+info.Main.Path+"@"+src.Version)
	main.PackageLicenseDeclared = "Apache-2.0"
	main.PackageFileName = Binary
	main.PackageChecksums = []spdx.Checksum{{Algorithm: spdx.SHA256, Value: hex.EncodeToString(sum[:])}}
	main.PrimaryPackagePurpose = "APPLICATION"
	doc := &spdx.Document{
		SPDXVersion: spdx.Version, DataLicense: spdx.DataLicense, SPDXIdentifier: "DOCUMENT",
		DocumentName: fmt.Sprintf("%s %s %s", Name, src.Version, platform),
		// One document, one name: whoever builds the same image writes the same one.
		DocumentNamespace: "https://github.com/modelfn/modelfn/spdx/" + digest.Hex,
		CreationInfo: &spdx.CreationInfo{
			Creators: []spdx.Creator{{CreatorType: "Organization", Creator: "modelfn"}, {CreatorType: "Tool", Creator: "modelfn-release-" + src.Version}},
			Created:  src.Time.Format(timestamp),
		},
		Packages: []*spdx.Package{imagePackage(src, digest, platform), main},
		Relationships: []*spdx.Relationship{
			relation("DOCUMENT", spdx.RelationshipDescribes, imageID),
			relation(imageID, spdx.RelationshipContains, binaryID),
		},
	}
	for _, dependency := range components(info) {
		doc.Packages = append(doc.Packages, dependency)
		doc.Relationships = append(doc.Relationships, relation(binaryID, spdx.RelationshipDependsOn, dependency.PackageSPDXIdentifier))
	}
	return written(doc)
}

// imagePackage is what the document is about.
func imagePackage(src source.Source, digest v1.Hash, platform *v1.Platform) *spdx.Package {
	purl := fmt.Sprintf("oci/modelfn@%s?arch=%s&repository_url=%s", url.QueryEscape(digest.String()), platform.Architecture, Name)
	p := component(imageID, Name, src.Version, purl)
	p.PackageChecksums = []spdx.Checksum{{Algorithm: spdx.SHA256, Value: digest.Hex}}
	p.PrimaryPackagePurpose = "CONTAINER"
	return p
}

// components are the modules that are linked into a binary, and the standard
// library.
func components(info *debug.BuildInfo) []*spdx.Package {
	out := []*spdx.Package{component("stdlib", "stdlib", info.GoVersion, "golang/stdlib@"+strings.TrimPrefix(info.GoVersion, "go"))}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		p := component(elementID(module), module.Path, module.Version, "golang/"+module.Path+"@"+module.Version)
		if module.Sum != "" {
			p.PackageSourceInfo = "go.sum: " + module.Sum
		}
		out = append(out, p)
	}
	return out
}

// elementID is a module's name in the document.
func elementID(module *debug.Module) common.ElementID {
	return common.ElementID("Module-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return '-'
	}, module.Path))
}

// component is a package about which nothing is asserted but what it is.
func component(id common.ElementID, name, version, purl string) *spdx.Package {
	return &spdx.Package{
		PackageSPDXIdentifier: id, PackageName: name, PackageVersion: version,
		PackageDownloadLocation: "NOASSERTION", IsFilesAnalyzedTagPresent: true,
		PackageLicenseConcluded: "NOASSERTION", PackageLicenseDeclared: "NOASSERTION", PackageCopyrightText: "NOASSERTION",
		PackageExternalReferences: []*spdx.PackageExternalReference{{
			Category: common.CategoryPackageManager, RefType: common.TypePackageManagerPURL, Locator: "pkg:" + purl,
		}},
	}
}

func relation(from common.ElementID, how string, to common.ElementID) *spdx.Relationship {
	return &spdx.Relationship{RefA: common.MakeDocElementID("", string(from)), Relationship: how, RefB: common.MakeDocElementID("", string(to))}
}

// written is a document as JSON, once the library has found nothing wrong with it.
func written(doc *spdx.Document) ([]byte, error) {
	var ids []common.ElementID
	for _, p := range doc.Packages {
		if slices.Contains(ids, p.PackageSPDXIdentifier) {
			return nil, fmt.Errorf("two packages with the SPDX identifier %s", p.PackageSPDXIdentifier)
		}
		ids = append(ids, p.PackageSPDXIdentifier)
	}
	if err := spdxlib.ValidateDocument(doc); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Write(doc, &out, json.Indent(" "), json.EscapeHTML(false)); err != nil {
		return nil, err
	}
	_, err := json.Read(bytes.NewReader(out.Bytes()))
	return out.Bytes(), err
}
