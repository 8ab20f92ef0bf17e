package peer_test

import (
	"os"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

func TestPath(t *testing.T) {
	path, err := peer.Path(peer.Kustomize)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("Path(kustomize) = %s: not an executable file (%v)", path, err)
	}
}

func TestPathOfAnUnknownPeer(t *testing.T) {
	_, err := peer.Path("no-such-peer")
	if err == nil || !strings.Contains(err.Error(), "does not know it") {
		t.Errorf("Path(no-such-peer) = %v, want that build.sh does not know it", err)
	}
}

func TestKServeCRDs(t *testing.T) {
	file, err := peer.KServeCRDs()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"InferenceService", "LLMInferenceService", "ClusterStorageContainer", "TrainedModel"} {
		if !strings.Contains(string(content), "\n    kind: "+kind+"\n") {
			t.Errorf("%s: want the CRD of %s in it", file, kind)
		}
	}
}

func TestDebianIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for name, path := range map[string]func() (string, error){"docker-registry": peer.DockerRegistry, "redis-server": peer.Redis} {
		if _, err := path(); err == nil || !strings.Contains(err.Error(), "apt-get install -y "+name) {
			t.Errorf("%s: %v, want how to install it", name, err)
		}
	}
}

// TestFiles: CRDs and settings are those of the programs that run.
func TestFiles(t *testing.T) {
	for files, module := range map[peer.Files]string{
		peer.KServeFiles:     "kserve",
		peer.KServe017.Files: "kserve017",
		peer.GatewayAPIFiles: "kserve", // what it is built with
		peer.KyvernoFiles:    "kyverno",
		peer.ArgoCDFiles:     "argocd",

		peer.SourceControllerFiles:    "source-controller",
		peer.KustomizeControllerFiles: "kustomize-controller",
	} {
		content, err := os.ReadFile("../../peers/" + module + "/go.mod")
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Replace(string(files), "@", " ", 1); !strings.Contains(string(content), want+"\n") && !strings.Contains(string(content), want+" //") {
			t.Errorf("peers/%s/go.mod does not require %s", module, want)
		}
	}
}
