package fn

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/bulk"
	"github.com/modelfn/modelfn/internal/finding"
)

// MaxInput bounds a ResourceList in bytes: kpt hands over whole packages.
const MaxInput = bulk.MaxBytes

// Process runs the function on a ResourceList in place. When anything is
// refused the items stay as they are. The findings also stand in its results.
// The Rendered is for a host that judges what became of the objects later.
func Process(ctx context.Context, rl *List, cfg Config) (Rendered, finding.List) {
	var r Rendered
	findings := append(wellFormed(rl.ResourceList), partial(rl.Items)...)
	if !findings.Refused() {
		p := rl.Own
		findings = p.Read(rl.FunctionConfig, rl.Items)
		if !findings.Refused() {
			findings = append(findings, p.applied(cfg.Application)...)
		}
		if !findings.Refused() {
			var more finding.List
			r, more = Render(ctx, p, cfg)
			findings = append(findings, more...)
		}
	}
	if !findings.Refused() {
		items, created, more := write(withoutCopy(rl.ResourceList), r)
		findings = append(findings, more...)
		if !findings.Refused() {
			rl.Items, rl.Created = items, created
		}
	}
	findings = findings.Sorted()
	report(rl.ResourceList, findings)
	return r, findings
}

// report adds the findings to the results. A host may hand over those of an earlier
// run.
func report(rl *krm.ResourceList, findings finding.List) {
	earlier := map[string][]*krm.Result{}
	for _, r := range rl.Results {
		if r != nil {
			earlier[r.Message] = append(earlier[r.Message], r)
		}
	}
	for _, f := range findings {
		r := result(f)
		if !slices.ContainsFunc(earlier[r.Message], func(have *krm.Result) bool { return reflect.DeepEqual(have, r) }) {
			rl.Results = append(rl.Results, r)
		}
	}
}

// withoutCopy leaves out the copy of a ModelDeployment that kustomize puts among
// a generator's items: an outer kustomization's modelfn would render it again.
// In kpt the functionConfig is a file of the package, which must stay.
func withoutCopy(rl *krm.ResourceList) krm.KubeObjects {
	if rl.FunctionConfig == nil || rl.FunctionConfig.GetKind() != v1alpha1.KindModelDeployment {
		return rl.Items
	}
	return rl.Items.WhereNot(func(item *krm.KubeObject) bool {
		return copyOf(item, rl.FunctionConfig) && itemPath(item) == ""
	})
}

// Run is Process on bytes: the function as hosts call it. When the input is no
// ResourceList there is no output.
func Run(ctx context.Context, in []byte, cfg Config) ([]byte, Rendered, finding.List) {
	refuse := func(err error) ([]byte, Rendered, finding.List) {
		return nil, Rendered{}, finding.List{{
			Rule: "resource-list", Severity: finding.Error,
			Message: err.Error(), Fix: "hand over one ResourceList (config.kubernetes.io/v1) on stdin; to render a directory, run `modelfn build`",
		}}
	}
	rl, err := Parse(in)
	if err != nil {
		return refuse(err)
	}
	if findings := cfg.Sources.judgeAnnotation(rl.FunctionConfig); findings.Refused() {
		return nil, Rendered{}, findings
	}
	r, findings := Process(ctx, rl, cfg)
	out, err := rl.Bytes()
	if err != nil {
		return refuse(err)
	}
	return out, r, findings
}

// wellFormed refuses items that are no Kubernetes objects, before anything
// reads them.
func wellFormed(rl *krm.ResourceList) finding.List {
	var out finding.List
	check := func(o *krm.KubeObject, where string) {
		if err := readable(o); err != nil {
			out = append(out, finding.Finding{
				Rule: "not-an-object", Severity: finding.Error, Resource: finding.Resource{File: fileOf(o, outermost(rl.Items)), Index: itemIndex(o)},
				Message: fmt.Sprintf("%s: %v", where, err), Fix: "give it apiVersion, kind and metadata.name",
			})
		}
	}
	if rl.FunctionConfig != nil && !rl.FunctionConfig.IsEmpty() {
		check(rl.FunctionConfig, "functionConfig")
	}
	for i, item := range rl.Items {
		check(item, fmt.Sprintf("items[%d]", i))
	}
	return out
}

// readable tells whether the SDK's getters, which ignore errors, tell the truth
// about the object.
func readable(o *krm.KubeObject) (err error) {
	defer func() {
		if p := recover(); p != nil {
			// The SDK does not follow aliases.
			err = fmt.Errorf("its metadata is written in a way that cannot be read (an alias?): %v", p)
		}
	}()
	for _, at := range [][]string{{"apiVersion"}, {"kind"}, {"metadata", "name"}, {"metadata", "namespace"}} {
		if _, _, err := o.NestedString(at...); err != nil {
			return fmt.Errorf("%v is not text: %w", at, err)
		}
	}
	for _, at := range []string{"labels", "annotations"} {
		if _, _, err := o.NestedStringMap("metadata", at); err != nil {
			return fmt.Errorf("metadata.%s does not map text to text: %w", at, err)
		}
	}
	if o.GetKind() == "" || o.GetAPIVersion() == "" {
		return fmt.Errorf("apiVersion or kind is missing")
	}
	return nil
}

func result(f finding.Finding) *krm.Result {
	r := &krm.Result{
		Message:  finding.Neutralise(finding.Brief(f.Message) + fix(f)),
		Severity: krm.Severity(f.Severity),
		Tags:     map[string]string{"rule": f.Rule},
	}
	if f.Resource.Kind != "" {
		r.ResourceRef = &krm.ResourceRef{
			APIVersion: finding.Neutralise(f.Resource.APIVersion), Kind: finding.Neutralise(f.Resource.Kind),
			Name: finding.Neutralise(f.Resource.Name), Namespace: finding.Neutralise(f.Resource.Namespace),
		}
	}
	if f.Field != "" {
		r.Field = &krm.Field{Path: finding.Neutralise(f.Field)}
	}
	if f.Resource.File != "" {
		r.File = &krm.File{Path: finding.Neutralise(f.Resource.File), Index: f.Resource.Index}
	}
	return r
}

func fix(f finding.Finding) string {
	if f.Fix == "" {
		return ""
	}
	return "; fix: " + f.Fix
}
