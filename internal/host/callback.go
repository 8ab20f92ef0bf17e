package host

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

// Image is the repository of modelfn's container image: the one function that
// `build` serves, in process.
const Image = "ghcr.io/modelfn/modelfn"

// callbackVariable carries the build's own settings to its callbacks. Nothing a
// repository writes into a function annotation (args, envs, mounts) gets here.
const callbackVariable = "MODELFN_CALLBACK"

type settings struct {
	// Records is the private directory for what callbacks report.
	Records string
	// Collect passes items through and reports them, instead of rendering.
	Collect bool
	// OwnLock leaves the directory's own lock in, when collecting.
	OwnLock     bool
	Sources     fn.Sources
	Application fn.Application
	Deadline    time.Time
	// Environment is what confine changed, as it was: for credential helpers.
	Environment map[string]string
}

// record is what one callback reports.
type record struct {
	Findings     finding.List
	AllowForeign []v1alpha1.ForeignObject
	AllowPatches []v1alpha1.PatchedFields
	Deployments  int
	// Objects are the generated objects as canonical JSON.
	Objects []json.RawMessage
	// Collected is a ResourceList of modelfn's own objects, when collecting.
	Collected []byte
}

// injectedAPI is the functionConfig of the transformer that build adds itself.
const injectedAPI = "internal." + v1alpha1.Group + "/v1"

// Callback runs when the program was started under another name: as the
// "docker" that kustomize runs functions with, or as the "git" it clones bases
// with. The third result is false when it was not.
func Callback(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (int, bool) {
	switch filepath.Base(args[0]) {
	case "git":
		fmt.Fprintln(stderr, "modelfn build fetches nothing: a base from Git must be in the repository")
		return finding.ExitRefused, true
	case "docker":
	default:
		return 0, false
	}
	image := args[len(args)-1]
	if !isOurs(image) {
		fmt.Fprintf(stderr, "modelfn build runs no other function than %s, not %s\n", Image, finding.Neutralise(image))
		return 125, true // what docker exits with when it cannot run an image
	}
	var s settings
	if err := json.Unmarshal([]byte(os.Getenv(callbackVariable)), &s); err != nil {
		fmt.Fprintf(stderr, "started as docker, but not by modelfn build: %v\n", err)
		return finding.ExitUsage, true
	}
	s.unconfined()
	code, err := s.answer(ctx, stdin, stdout)
	if err != nil {
		fmt.Fprintln(stderr, finding.Neutralise(err.Error()))
	}
	return code, true
}

// imageVariable lists more repositories of modelfn's image, such as a copy with the
// platform in it: whoever starts modelfn knows them, and no repository can set it.
const imageVariable = "MODELFN_IMAGE"

// isOurs tells whether a function's image is modelfn's, with any tag or digest.
func isOurs(image string) bool {
	for _, name := range append(strings.Split(os.Getenv(imageVariable), ","), Image) {
		rest, ok := strings.CutPrefix(image, strings.TrimSpace(name))
		if ok && strings.TrimSpace(name) != "" && (rest == "" || rest[0] == ':' || rest[0] == '@') {
			return true
		}
	}
	return false
}

func (s settings) answer(ctx context.Context, stdin io.Reader, stdout io.Writer) (int, error) {
	ctx, cancel := context.WithDeadline(ctx, s.Deadline)
	defer cancel()
	in, err := io.ReadAll(io.LimitReader(stdin, fn.MaxInput+1))
	if err != nil {
		return finding.ExitRefused, err
	}
	rl, err := fn.Parse(in)
	if err != nil {
		return finding.ExitRefused, err
	}
	if rl.FunctionConfig.GetAPIVersion() == injectedAPI {
		rl.FunctionConfig = nil
	}
	var r record
	if s.Collect {
		r, err = collect(rl.ResourceList)
	} else {
		r, err = s.render(ctx, rl)
	}
	if err != nil {
		return finding.ExitRefused, err
	}
	if err := r.save(s.Records); err != nil {
		return finding.ExitRefused, err
	}
	if code := r.Findings.ExitCode(); code != finding.ExitOK {
		// The build prints the findings; kustomize only has to stop.
		return code, nil
	}
	rl.Results = nil
	// A later function must not see them again, perhaps under a changed name: in
	// the generator form kustomize leaves a copy among the items.
	rl.Items = rl.Items.WhereNot(isDeployment)
	if err := unnumber(rl.Items); err != nil {
		return finding.ExitRefused, err
	}
	out, err := rl.Bytes()
	if err != nil {
		return finding.ExitRefused, err
	}
	_, err = stdout.Write(out)
	return finding.ExitOK, err
}

// legacyID is what kustomize writes beside kioutil.IdAnnotation.
const legacyID = "config.k8s.io/id"

// unnumber removes the numbers by which kustomize would look for comments to copy from
// what it handed over: they are all there, and to compare the two, field by field and
// by the schemas of Kubernetes, takes more than all of the rest.
func unnumber(items krm.KubeObjects) error {
	for _, item := range items {
		for _, key := range []string{kioutil.IdAnnotation, legacyID} {
			if err := item.RemoveAnnotation(key); err != nil {
				return fmt.Errorf("%s: %w", item.ShortString(), err)
			}
		}
		if err := item.RemoveAnnotationsIfEmpty(); err != nil {
			return fmt.Errorf("%s: %w", item.ShortString(), err)
		}
	}
	return nil
}

// render runs the function on the list. The record holds all objects, for whoever
// prints them after others have had their hands on them.
func (s settings) render(ctx context.Context, rl *fn.List) (record, error) {
	rendered, r := s.process(ctx, rl)
	err := r.judge(rendered.Objects)
	return r, err
}

// process runs the function on the list.
func (s settings) process(ctx context.Context, rl *fn.List) (fn.Rendered, record) {
	rendered, findings := fn.Process(ctx, rl, fn.Config{Sources: s.Sources, Application: s.Application})
	r := record{Findings: findings, Deployments: len(rendered.Package.Deployments)}
	if rendered.Platform != nil {
		r.AllowForeign = rendered.Platform.Spec.AllowForeign
		r.AllowPatches = rendered.Platform.Spec.AllowPatches
	}
	return rendered, r
}

// judge adds objects by which the final gate is to judge.
func (r *record) judge(objects []fn.Generated) error {
	for _, o := range objects {
		raw, err := o.JSON()
		if err != nil {
			return err
		}
		r.Objects = append(r.Objects, raw)
	}
	return nil
}

// collect reports modelfn's objects.
func collect(rl *krm.ResourceList) (record, error) {
	own := &krm.ResourceList{FunctionConfig: rl.FunctionConfig, Items: rl.Items.Where(isOwnKind)}
	raw, err := own.ToYAML()
	return record{Collected: raw}, err
}

func isOwnKind(o *krm.KubeObject) bool {
	return strings.HasPrefix(o.GetAPIVersion(), v1alpha1.Group+"/")
}

func isDeployment(o *krm.KubeObject) bool {
	return isOwnKind(o) && o.GetKind() == v1alpha1.KindModelDeployment
}

// save writes the record under the next free number, so that records are read
// in the order in which kustomize called.
func (r record) save(dir string) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("%06d.json", i)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if os.IsExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := f.Write(raw); err != nil {
			return err
		}
		return f.Close()
	}
}

func readRecords(dir string) ([]record, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []record
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		var r record
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, fmt.Errorf("what a function reported is not whole: %w", err)
		}
		out = append(out, r)
	}
	return out, nil
}
