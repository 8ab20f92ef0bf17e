package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/gitops-engine/pkg/sync"
	synccommon "github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// syncing is what a sync has come to, and the answer to step. The controller keeps it
// in the status of the Application between its own steps.
type syncing struct {
	Phase   synccommon.OperationPhase
	Message string
	Results []synccommon.ResourceSyncResult
	Started metav1.Time
	// Managed are the objects that the application has, and prunes when they are no
	// longer asked for.
	Managed []*unstructured.Unstructured
}

// step takes one step of a sync, as controller/sync.go does at each turn. A sync that
// is complete begins anew.
func (j judge) step(ctx context.Context, objects []*unstructured.Unstructured) error {
	state, err := j.readState()
	if err != nil {
		return err
	}
	if state.Phase.Completed() {
		state = syncing{Managed: state.Managed}
	}
	if state.Phase == "" {
		state.Phase, state.Started = synccommon.OperationRunning, metav1.Now()
	}
	lives := map[kube.ResourceKey]*unstructured.Unstructured{}
	for _, o := range objects {
		if err := tracked(o); err != nil {
			return err
		}
		state.manage(o)
	}
	for _, o := range state.Managed {
		live, err := j.cluster.live(ctx, o)
		if err != nil {
			return err
		}
		if live != nil {
			lives[kube.GetResourceKey(o)] = live
		}
	}
	overrides, err := j.overrides(ctx)
	if err != nil {
		return err
	}
	syncContext, cleanup, err := sync.NewSyncContext("", sync.Reconcile(objects, lives, appNamespace, namespaced{}),
		j.cluster.config, j.cluster.config, j.cluster.kubectl, appNamespace, j.cluster.schema,
		sync.WithLogr(logr.Discard()),
		sync.WithHealthOverride(lua.ResourceHealthOverrides(overrides)),
		sync.WithPermissionValidator(func(*unstructured.Unstructured, *metav1.APIResource) error { return nil }),
		sync.WithOperationSettings(false, true, false, false),
		sync.WithInitialState(state.Phase, state.Message, state.Results, state.Started),
		sync.WithManifestValidation(true),
		sync.WithServerSideApplyManager(common.ArgoCDSSAManager),
	)
	if err != nil {
		return err
	}
	defer cleanup()
	syncContext.Sync()
	state.Phase, state.Message, state.Results = syncContext.GetState()
	content, err := json.Marshal(state)
	if err != nil {
		return err
	}
	if err := os.WriteFile(j.state, content, 0o600); err != nil {
		return err
	}
	return j.answers.Encode(state)
}

func (j judge) readState() (state syncing, err error) {
	content, err := os.ReadFile(j.state)
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err != nil {
		return state, err
	}
	return state, json.Unmarshal(content, &state)
}

// manage adds an object to those that the application has, once.
func (s *syncing) manage(o *unstructured.Unstructured) {
	for _, known := range s.Managed {
		if kube.GetResourceKey(known) == kube.GetResourceKey(o) {
			return
		}
	}
	s.Managed = append(s.Managed, o)
}

// namespaced tells that every kind is, as those of a team's application are.
type namespaced struct{}

func (namespaced) IsNamespaced(schema.GroupKind) (bool, error) { return true, nil }
