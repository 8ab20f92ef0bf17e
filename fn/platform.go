package fn

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/fn/runtime/runtimeutil"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/trust"
	"github.com/modelfn/modelfn/validators"
)

// BakedPlatform is where an image or a mount puts the platform that wins over
// every other.
const BakedPlatform = "/etc/modelfn/platform.yaml"

// Sources are the places outside the repository that may say which platform
// holds; "" means not given. Baked and Flag seal.
type Sources struct {
	// Baked is BakedPlatform's path; a file that does not exist is no platform.
	Baked string
	// Flag is --platform, Env the variable MODELFN_PLATFORM.
	Flag, Env string
	// RequireSealed refuses to go on without a sealed platform.
	RequireSealed bool
	// InPlugin: the process is an Argo CD plugin, whose credentials are not the
	// repository's to use.
	InPlugin bool
	// Compiler, where there is one, compiles the same policy once for many directories.
	Compiler *trust.Compiler `json:"-"`
}

// maxPlatform bounds a platform file.
const maxPlatform = 1 << 20

const platformFix = "list a ModelPlatform beside the model, or name one with --platform FILE"

// Choose decides which platform holds. Precedence: the baked one, --platform,
// MODELFN_PLATFORM, the one ModelPlatform of the repository. Under a sealed
// one (the first two) the repository's may only repeat it or set what it
// delegates.
func (s Sources) Choose(repo []Platform) (*model.Platform, finding.List) {
	if len(repo) > 1 && !samePlatforms(repo) {
		return nil, finding.List{{
			Rule: "two-platforms", Severity: finding.Error, Resource: repo[1].At,
			Message: fmt.Sprintf("there are %d ModelPlatforms; the first is %s in %q", len(repo), repo[0].Metadata.Name, repo[0].At.File),
			Fix:     "keep one of them",
		}}
	}
	outside, sealed, findings := s.outside()
	if findings.Refused() {
		return nil, findings
	}
	var chosen Platform
	switch {
	case outside == nil && s.RequireSealed:
		return nil, finding.List{{
			Rule: "not-sealed", Severity: finding.Error,
			Message: fmt.Sprintf("a sealed platform is required and there is none at %s nor in --platform", s.Baked),
			Fix:     "mount the platform's file; a repository's own ModelPlatform is never used instead",
		}}
	case s.RequireSealed && !sealed:
		return nil, finding.List{{
			Rule: "not-sealed", Severity: finding.Error, Resource: outside.At,
			Message: "a sealed platform is required, and MODELFN_PLATFORM does not seal",
			Fix:     fmt.Sprintf("mount the platform at %s or give --platform FILE", s.Baked),
		}}
	case outside != nil:
		chosen = *outside
	case len(repo) > 0:
		chosen = repo[0]
	default:
		return nil, finding.List{{
			Rule: "no-platform", Severity: finding.Error,
			Message: "there is no ModelPlatform, so nothing says whom to trust", Fix: platformFix,
		}}
	}
	if outside != nil && len(repo) > 0 {
		if !sealed {
			findings = append(findings, overridden(repo[0], *outside)...)
		} else if chosen, findings = seal(*outside, repo[0]); findings.Refused() {
			return nil, findings
		}
	}
	p, more := s.compile(chosen, sealed)
	if s.InPlugin && !sealed && p.Spec.Resolution == v1alpha1.ResolutionOnline {
		more = append(more, finding.Finding{
			Rule: "online-unsealed", Severity: finding.Error, Resource: chosen.At, Field: "spec.resolution",
			Message: "a repository's own platform asks an Argo CD plugin to contact registries with the plugin's credentials",
			Fix:     "use resolution: Locked, or seal the platform",
		})
	}
	return p, append(findings, more...)
}

// Outside tells whether a place outside the repository has a platform.
func (s Sources) Outside() bool {
	_, err := os.Stat(s.Baked)
	return s.Flag != "" || s.Env != "" || s.Baked != "" && err == nil
}

// judgeAnnotation refuses a function annotation with args, envs or mounts when
// the platform comes from outside the items: a repository writes annotations,
// and could name its own file as the sealed platform with them.
func (s Sources) judgeAnnotation(functionConfig *krm.KubeObject) finding.List {
	if functionConfig.IsEmpty() {
		return nil
	}
	node, err := kyaml.Parse(functionConfig.String())
	if err != nil {
		return nil // Read says it better
	}
	spec, err := runtimeutil.GetFunctionSpec(node)
	if err != nil || spec == nil {
		return nil
	}
	says := len(spec.Exec.Args) + len(spec.Exec.Env) + len(spec.Container.Env) + len(spec.Container.StorageMounts)
	if !s.Outside() || says == 0 {
		return nil
	}
	return finding.List{{
		Rule: "function-annotation", Severity: finding.Error, Resource: resourceOf(functionConfig, ""),
		Field:   "metadata.annotations.config.kubernetes.io/function",
		Message: "args, envs and mounts in a function annotation are the repository's, and may not choose the platform",
		Fix:     "remove them; bake the platform into the image, or set MODELFN_PLATFORM where the host is started",
	}}
}

func samePlatforms(list []Platform) bool {
	for _, p := range list[1:] {
		if !reflect.DeepEqual(p.Spec, list[0].Spec) || p.Metadata.Name != list[0].Metadata.Name {
			return false
		}
	}
	return true
}

// outside reads the platform from outside the repository, if there is one.
func (s Sources) outside() (*Platform, bool, finding.List) {
	baked, findings := readPlatform(s.Baked, true)
	if findings.Refused() {
		return nil, false, findings
	}
	if s.Flag != "" {
		flag, findings := readPlatform(s.Flag, false)
		switch {
		case findings.Refused():
			return nil, false, findings
		case baked != nil && !reflect.DeepEqual(flag.Spec, baked.Spec):
			return nil, false, finding.List{{
				Rule: "platform-sealed", Severity: finding.Error, Resource: flag.At,
				Message: fmt.Sprintf("--platform differs from the platform baked in at %s, which wins over everything", s.Baked),
				Fix:     "leave --platform out",
			}}
		case baked == nil:
			return flag, true, nil
		}
	}
	if baked != nil {
		return baked, true, nil
	}
	if s.Env != "" {
		env, findings := readPlatform(s.Env, false)
		return env, false, findings
	}
	return nil, false, nil
}

// readPlatform reads a file; a missing optional one is nil without a finding.
func readPlatform(path string, optional bool) (*Platform, finding.List) {
	if path == "" {
		return nil, nil
	}
	at := finding.Resource{APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.KindModelPlatform, File: path}
	fail := func(err error) finding.List {
		return finding.List{{
			Rule: "platform-unreadable", Severity: finding.Error, Resource: at,
			Message: err.Error(), Fix: "name a readable file with one ModelPlatform",
		}}
	}
	info, err := os.Stat(path)
	if optional && os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fail(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fail(fmt.Errorf("is no regular file"))
	}
	if info.Size() > maxPlatform {
		return nil, fail(fmt.Errorf("%d bytes, at most %d are read", info.Size(), maxPlatform))
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fail(err)
	}
	p := new(v1alpha1.ModelPlatform)
	if errs := v1alpha1.Decode(raw, p); len(errs) > 0 {
		return nil, fieldFindings(at, errs)
	}
	at.Name = p.Metadata.Name
	return &Platform{p, at, raw}, nil
}

func overridden(repo, outside Platform) finding.List {
	if reflect.DeepEqual(repo.Spec, outside.Spec) {
		return nil
	}
	return finding.List{{
		Rule: "platform-overridden", Severity: finding.Warning, Resource: repo.At,
		Message: fmt.Sprintf("this ModelPlatform is not used: MODELFN_PLATFORM names %s", outside.At.File),
		Fix:     "unset the variable, or remove this ModelPlatform",
	}}
}

// seal lays the repository's platform over the sealed one: whatever it sets
// must be the same there, or delegated.
func seal(sealed, repo Platform) (Platform, finding.List) {
	base, over := specTree(sealed), written(repo)
	var findings finding.List
	for _, path := range overlay(base, over, "", sealed.Spec.Delegate) {
		findings = append(findings, finding.Finding{
			Rule: "platform-sealed", Severity: finding.Error, Resource: repo.At, Field: "spec." + path,
			Message: fmt.Sprintf("the sealed platform (%s) does not delegate this field", sealed.At.File),
			Fix:     "remove the field, or have the platform team delegate it",
		})
	}
	if findings.Refused() {
		return Platform{}, findings
	}
	raw, err := json.Marshal(map[string]any{
		"apiVersion": v1alpha1.APIVersion, "kind": v1alpha1.KindModelPlatform,
		"metadata": map[string]any{"name": sealed.Metadata.Name}, "spec": base,
	})
	if err != nil {
		panic(err) // it came from JSON
	}
	merged := new(v1alpha1.ModelPlatform)
	if errs := v1alpha1.Decode(raw, merged); len(errs) > 0 {
		return Platform{}, fieldFindings(repo.At, errs)
	}
	return Platform{merged, sealed.At, raw}, nil
}

// specTree is the spec as it reads after defaulting, as a tree: a repository
// that spells out a default, or a quantity in another way, says the same.
func specTree(p Platform) map[string]any {
	raw, err := json.Marshal(p.Spec)
	if err != nil {
		panic(err) // strings, numbers and booleans always marshal
	}
	tree := map[string]any{}
	if err := json.Unmarshal(raw, &tree); err != nil {
		panic(err) // it was marshalled just now
	}
	return tree
}

// written is the part of the spec that the platform's author wrote.
func written(p Platform) map[string]any {
	if tree, ok := object.Read(p.Raw); ok {
		spec, _ := tree.Get("spec").(object.Map)
		return project(specTree(p), spec.Any())
	}
	var tree struct {
		Spec map[string]any `json:"spec"`
	}
	// Decoded strictly before, so it parses.
	if err := yaml.Unmarshal(p.Raw, &tree); err != nil {
		return map[string]any{}
	}
	return project(specTree(p), tree.Spec)
}

// project keeps what is in both, with the values of full.
func project(full, mask map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range mask {
		have, ok := full[key]
		if !ok {
			have = value // a zero value, which is not marshalled
		}
		inner, a := have.(map[string]any)
		below, b := value.(map[string]any)
		if a && b {
			have = project(inner, below)
		}
		out[key] = have
	}
	return out
}

// overlay writes delegated values of over into base and lists the paths at
// which over differs without being allowed to.
func overlay(base, over map[string]any, at string, delegate []string) (refused []string) {
	for _, key := range slices.Sorted(maps.Keys(over)) {
		path := strings.TrimPrefix(at+"."+key, ".")
		inner, nested := over[key].(map[string]any)
		switch {
		case reflect.DeepEqual(over[key], base[key]):
		case slices.Contains(delegate, path):
			base[key] = over[key]
		case nested:
			below, _ := base[key].(map[string]any)
			if below == nil {
				below = map[string]any{}
			}
			if refused = append(refused, overlay(below, inner, path, delegate)...); len(below) > 0 {
				base[key] = below
			}
		default:
			refused = append(refused, path)
		}
	}
	return refused
}

// compile turns the chosen platform into what the steps use.
func (s Sources) compile(p Platform, sealed bool) (*model.Platform, finding.List) {
	policy, errs := s.Compiler.Compile(p.Spec)
	images, more := model.CompileImages(p.Spec)
	errs = append(slices.Clip(errs), more...) // a Compiler gives them to others, too
	findings := append(fieldFindings(p.At, errs), validators.DeprecatedEngine(p.At, p.Spec)...)
	findings = append(findings, validators.ReusableWorkflows(p.At, p.Spec)...)
	// Where evidence comes from changes nothing about what is trusted: a render
	// with resolution: Online gives the bytes that the lock gives.
	digested := p.Spec
	digested.Resolution = ""
	canonical, err := json.Marshal(digested)
	if err != nil {
		panic(err) // strings, numbers and booleans always marshal
	}
	sum := sha256.Sum256(canonical)
	return &model.Platform{
		Name: p.Metadata.Name, Resource: p.At, Spec: p.Spec, Sealed: sealed, Trust: policy,
		Images: images, Digest: "sha256:" + hex.EncodeToString(sum[:]),
	}, findings
}
