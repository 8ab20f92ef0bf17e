package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

// repository is a Git repository, and Argo CD's repo-server that reads it, with our
// plugin in a sidecar that has the platform's own platform.
type repository struct {
	world
	dir    string
	plugin *host.Plugin
	server *host.RepoServer
	// sealed is the platform of the sidecar.
	sealed string
}

// newRepository has the plugin that ships, with a platform and more variables in its
// sidecar.
func newRepository(t *testing.T, w world, platform string, env []string, flags ...string) *repository {
	t.Helper()
	sealed := filepath.Join(t.TempDir(), "platform.yaml")
	write(t, sealed, platform)
	return newRepositoryOf(t, w, sealedPlugin(t, sealed), sealed, env, flags...)
}

func newRepositoryOf(t *testing.T, w world, pluginYAML, sealed string, env []string, flags ...string) *repository {
	t.Helper()
	r := &repository{world: w, dir: t.TempDir(), sealed: sealed}
	r.plugin = host.CMP(t, pluginYAML, append([]string{"PATH=" + r.path(t)}, env...))
	r.server = host.StartRepoServer(t, r.plugin, flags...)
	r.git(t, "init", "--quiet", "--initial-branch=main")
	return r
}

// sealedPlugin is the plugin that ships, told where its platform is: only an image or
// a mount has /etc/modelfn.
func sealedPlugin(t *testing.T, platform string, flags ...string) string {
	t.Helper()
	var plugin map[string]any
	if err := yaml.Unmarshal([]byte(read(t, "../examples/argocd/plugin.yaml")), &plugin); err != nil {
		t.Fatal(err)
	}
	generate := plugin["spec"].(map[string]any)["generate"].(map[string]any)
	command := append(generate["command"].([]any), "--platform", platform)
	for _, flag := range flags {
		command = append(command, flag)
	}
	generate["command"] = command
	return toYAML(t, plugin)
}

// path is a PATH on which modelfn is found.
func (w world) path(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	if err := os.Symlink(w.modelfn, filepath.Join(bin, "modelfn")); err != nil {
		t.Fatal(err)
	}
	return bin + string(os.PathListSeparator) + os.Getenv("PATH")
}

// git runs git in the repository, by nobody's configuration.
func (r *repository) git(t *testing.T, args ...string) {
	t.Helper()
	stdout(t, host.Run(t, host.Command{Path: "git", Args: args, Dir: r.dir, Env: []string{
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=e2e", "GIT_AUTHOR_EMAIL=e2e@example.com", "GIT_COMMITTER_NAME=e2e", "GIT_COMMITTER_EMAIL=e2e@example.com",
	}}))
}

// commit commits what lies in the repository.
func (r *repository) commit(t *testing.T) {
	t.Helper()
	r.git(t, "add", "--all")
	r.git(t, "commit", "--quiet", "--message=e2e")
}

// at is a directory of the repository, made when it is not there yet.
func (r *repository) at(t *testing.T, path string) string {
	t.Helper()
	dir := filepath.Join(r.dir, path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// add copies an app directory into the repository.
func (r *repository) add(t *testing.T, path, app string) string {
	t.Helper()
	dir := r.at(t, path)
	if err := os.CopyFS(dir, os.DirFS(app)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// manifests asks Argo CD for those of an application in the current commit, as the
// plugin's name makes it use the plugin.
func (r *repository) manifests(t *testing.T, path string, flags ...string) host.Result {
	t.Helper()
	return r.server.Manifests(t, "file://"+r.dir, path, append([]string{"-rev", "main", "-plugin", "modelfn"}, flags...)...)
}

// built is what modelfn build makes of a directory in the repository.
func (r *repository) built(t *testing.T, path string) objects {
	t.Helper()
	return parseObjects(t, stdout(t, r.run(t, r.dir, "build", "--platform", r.sealed, path)))
}

// rendered are objects that Argo CD returned, without what it marked each with.
func (r *repository) rendered(t *testing.T, result host.Result) objects {
	t.Helper()
	all := parseObjects(t, stdout(t, result))
	for id, o := range all {
		metadata := o["metadata"].(map[string]any)
		annotations, _ := metadata["annotations"].(map[string]any)
		if annotations["argocd.argoproj.io/tracking-id"] == nil {
			t.Errorf("%s: Argo CD does not track it", id)
		}
		delete(annotations, "argocd.argoproj.io/tracking-id")
		if len(annotations) == 0 {
			delete(metadata, "annotations")
		}
	}
	return all
}

// runs counts how often the plugin was started.
func (r *repository) runs() int {
	return strings.Count(r.plugin.Log(), "Generating manifests with")
}
