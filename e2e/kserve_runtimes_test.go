package e2e_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
	shipped "github.com/modelfn/modelfn/internal/kserve"
)

// loader is what decides which runtime KServe chooses.
type loader struct {
	// formats by name, with the priority; 0 is never chosen unasked.
	formats   map[string]int
	protocols []string
}

// TestRuntimesAsShipped: the table of each version has the runtimes that the
// release ships, with their formats, priorities and protocols.
func TestRuntimesAsShipped(t *testing.T) {
	releases := map[string]peer.KServe{}
	for _, release := range []peer.KServe{peer.KServe017, peer.KServe020} {
		releases[release.Version] = release
	}
	for _, version := range shipped.Versions() {
		t.Run(version.Name, func(t *testing.T) {
			release, found := releases[version.Name]
			if !found || !strings.HasSuffix(string(release.Files), "@"+version.Release) {
				t.Fatalf("the release that was read is %s, and that which judges %s", version.Release, release.Files)
			}
			table := map[string]loader{}
			for _, r := range version.Runtimes() {
				table[r.Name] = loader{r.Formats, slices.Sorted(slices.Values(r.Protocols))}
			}
			if diff := cmp.Diff(table, loaders(t, release.Files), cmp.AllowUnexported(loader{})); diff != "" {
				t.Errorf("-table, +shipped:\n%s", diff)
			}
		})
	}
}

// loaders are the runtimes in a release's manifests: those that its kustomization
// names, since others lie beside them.
func loaders(t *testing.T, files peer.Files) map[string]loader {
	t.Helper()
	dir, err := files.Dir()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]loader{}
	for _, o := range parse(t, stdout(t, host.Kustomize(t, dir+"/config/runtimes"))) {
		out[o.GetName()] = loaderOf(t, o)
	}
	return out
}

func loaderOf(t *testing.T, runtime *cluster.Object) loader {
	t.Helper()
	l := loader{formats: map[string]int{}}
	spec := fieldOf[map[string]any](t, runtime.Object, "spec")
	for _, one := range fieldOf[[]any](t, runtime.Object, "spec", "supportedModelFormats") {
		format := one.(map[string]any)
		priority := int64(0)
		// One that spans nodes is for services that say that they do.
		if format["autoSelect"] == true && spec["workerSpec"] == nil {
			priority = fieldOf[int64](t, format, "priority")
		}
		name := format["name"].(string)
		if before, listed := l.formats[name]; listed && before != int(priority) {
			t.Errorf("%s: the versions of %s have priorities of their own", runtime.GetName(), name)
		}
		l.formats[name] = int(priority)
	}
	protocols, _ := spec["protocolVersions"].([]any)
	for _, p := range protocols {
		l.protocols = append(l.protocols, p.(string))
	}
	slices.Sort(l.protocols)
	return l
}

// TestRuntimesAreTold: what each shipped runtime is told is put before the manager
// by TestStandardNames.
func TestRuntimesAreTold(t *testing.T) {
	told := append(slices.Collect(maps.Keys(runtimes)), "kserve-huggingfaceserver-multinode")
	slices.Sort(told)
	var table []string
	for _, r := range shipped.Of(shipped.Default).Runtimes() {
		table = append(table, r.Name)
	}
	if diff := cmp.Diff(told, table); diff != "" {
		t.Errorf("-told, +shipped:\n%s", diff)
	}
}
