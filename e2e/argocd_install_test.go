package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

const installKustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: argocd
resources: [argo-cd/config, argo-cd/repo-server]
components: [modelfn]
configMapGenerator:
- name: modelfn-platform
  files: [platform.yaml]
`

// installed is Argo CD's repo-server and its settings, of its own manifests with what
// the examples add, by kind and name.
func installed(t *testing.T) map[string]*cluster.Object {
	t.Helper()
	files, err := peer.ArgoCDFiles.Dir()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for from, to := range map[string]string{filepath.Join(files, "manifests/base/config"): "argo-cd/config", filepath.Join(files, "manifests/base/repo-server"): "argo-cd/repo-server", "../examples/argocd": "modelfn"} {
		if err := os.CopyFS(filepath.Join(dir, to), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "platform.yaml"), read(t, "../examples/quickstart/platform.yaml"))
	write(t, filepath.Join(dir, "kustomization.yaml"), installKustomization)
	all := map[string]*cluster.Object{}
	for _, o := range parse(t, stdout(t, host.Kustomize(t, dir))) {
		all[o.GetKind()+" "+o.GetName()] = o
	}
	return all
}

// TestArgoCDInstall: the API server takes Argo CD's repo-server with the sidecar, which
// has what the plugin's server needs where that looks for it, and no more rights than
// the repo-server's own container.
func TestArgoCDInstall(t *testing.T) {
	c := bare.Get(t)
	all := installed(t)
	for name, o := range all {
		home(t, c, o)
		if _, err := c.DryRun(t.Context(), o); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	deployment := all["Deployment argocd-repo-server"]
	if deployment == nil {
		t.Fatal("no repo-server")
	}
	spec := podSpec(t, deployment)
	sidecar, repoServer := container(t, spec, "modelfn"), container(t, spec, "argocd-repo-server")
	mounts := map[string]string{}
	for _, m := range sidecar["volumeMounts"].([]any) {
		mount := m.(map[string]any)
		mounts[mount["mountPath"].(string)] = mount["name"].(string)
	}
	shared := map[string]bool{}
	for _, m := range repoServer["volumeMounts"].([]any) {
		shared[m.(map[string]any)["name"].(string)] = true
	}
	help := host.Run(t, host.Command{Path: host.Peer(t, peer.CMPServer), Args: []string{"--help"}})
	config := regexp.MustCompile(`--config-dir-path string .*\(default "(.*)"\)`).FindStringSubmatch(help.Stdout + help.Stderr)
	if config == nil {
		t.Fatalf("where does it look for its configuration?\n%s", help.Stdout)
	}
	generated := regexp.MustCompile(`^modelfn-(plugin|platform)-[a-z0-9]{10}$`)
	for path, want := range map[string]string{"/tmp": "modelfn-tmp", config[1]: "modelfn-plugin", "/etc/modelfn": "modelfn-platform", "/home/argocd/cmp-server/plugins": "plugins", "/var/run/argocd": "var-files"} {
		if mounts[path] != want {
			t.Errorf("%s is %q, want %s", path, mounts[path], want)
		}
		volume := volumeOf(t, spec, want)
		if source, ok := volume["configMap"].(map[string]any); ok {
			// Another content is another name, and so another pod.
			name := source["name"].(string)
			if !generated.MatchString(name) || all["ConfigMap "+name] == nil {
				t.Errorf("%s is of the ConfigMap %s", path, name)
			}
		}
	}
	if !shared["plugins"] || shared["modelfn-tmp"] || mounts["/tmp"] == "tmp" {
		t.Errorf("shared with the repo-server: %v", shared)
	}
	plugin := all["ConfigMap "+volumeOf(t, spec, "modelfn-plugin")["configMap"].(map[string]any)["name"].(string)]
	if got := fieldOf[string](t, plugin.Object, "data", "plugin.yaml"); got != read(t, "../examples/argocd/plugin.yaml") {
		t.Errorf("another plugin:\n%s", got)
	}
	context := sidecar["securityContext"].(map[string]any)
	for field, value := range repoServer["securityContext"].(map[string]any) {
		if fmt.Sprint(context[field]) != fmt.Sprint(value) {
			t.Errorf("%s: %v, and %v in the repo-server's container", field, context[field], value)
		}
	}
	if context["runAsUser"] != int64(999) || len(context) != 6 {
		t.Errorf("%v", context)
	}
	if sidecar["env"] != nil || sidecar["envFrom"] != nil {
		t.Error("the sidecar has variables")
	}
}

// volumeOf is a volume of a pod.
func volumeOf(t *testing.T, spec map[string]any, name string) map[string]any {
	t.Helper()
	volumes, _, err := unstructured.NestedSlice(spec, "volumes")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range volumes {
		if volume := v.(map[string]any); volume["name"] == name {
			return volume
		}
	}
	t.Fatalf("no volume %s", name)
	return nil
}

// TestArgoCDApplications: Argo CD reads them, and each is its project's.
func TestArgoCDApplications(t *testing.T) {
	host.JudgeProject(t, teamProject, "../examples/argocd/application.yaml", nil)
	host.JudgeProject(t, baselineProject, baselineApp, nil)
	for _, file := range []string{"application.yaml", "baseline.yaml"} {
		if strings.Contains(read(t, "../examples/argocd/"+file), "ignoreDifferences") {
			t.Errorf("%s ignores differences: there are none (TestNoDrift)", file)
		}
	}
}
