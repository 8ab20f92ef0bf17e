package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo"
	argodiff "github.com/argoproj/argo-cd/v3/util/argo/diff"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
)

// The application that all objects are of.
const application, appNamespace = "ml-serving", "ml-serving"

// tracked marks an object as the repo-server does.
func tracked(o *unstructured.Unstructured) error {
	return argo.NewResourceTracking().SetAppInstance(o, common.LabelKeyAppInstance, application, appNamespace, v1alpha1.TrackingMethodAnnotation, "")
}

// applied is the answer to apply.
type applied struct{ Message, Error string }

func (j judge) apply(ctx context.Context, objects []*unstructured.Unstructured) error {
	operations, cleanup, err := j.cluster.kubectl.ManageResources(j.cluster.config, j.cluster.schema)
	if err != nil {
		return err
	}
	defer cleanup()
	for _, o := range objects {
		if err := tracked(o); err != nil {
			return err
		}
		var a applied
		if a.Message, err = operations.ApplyResource(ctx, o, cmdutil.DryRunNone, false, true, j.serverSide, common.ArgoCDSSAManager); err != nil {
			a.Error = err.Error()
		}
		if err := j.answers.Encode(a); err != nil {
			return err
		}
	}
	return nil
}

// compared is the answer to diff: whether the object is out of sync, as it lives and
// as it would be after another sync.
type compared struct {
	OutOfSync       bool
	Live, Predicted json.RawMessage
}

func (j judge) diff(ctx context.Context, objects []*unstructured.Unstructured) error {
	// As controller/state.go builds it, with the settings that argocd-cm has when nobody
	// has written any.
	overrides, err := j.overrides(ctx)
	if err != nil {
		return err
	}
	config, err := argodiff.NewDiffConfigBuilder().
		WithDiffSettings(nil, overrides, false, normalizers.IgnoreNormalizerOpts{}).
		WithTracking(common.LabelKeyAppInstance, string(v1alpha1.TrackingMethodAnnotation)).
		WithNoCache().
		WithGVKParser(j.cluster.parser).
		WithManager(common.ArgoCDSSAManager).
		WithStructuredMergeDiff(j.serverSide).
		Build()
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := tracked(o); err != nil {
			return err
		}
		live, err := j.cluster.live(ctx, o)
		if err == nil && live == nil {
			err = errors.New("it is not in the cluster")
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
		}
		result, err := argodiff.StateDiff(live, o, config)
		if err != nil {
			return fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
		}
		if err := j.answers.Encode(compared{result.Modified, result.NormalizedLive, result.PredictedLive}); err != nil {
			return err
		}
	}
	return nil
}
