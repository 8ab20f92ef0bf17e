// repo-drive plays the part of Argo CD's application controller against a
// repo-server: by Argo CD's own client it asks for the manifests of one source of
// an Application.
//
//	repo-drive -addr HOST:PORT -repo URL [-rev REVISION] [-path DIR] [-plugin NAME] \
//	           [-env K=V ...] [-parameters JSON] [-generate-paths PATHS] [-hard] [-timeout 60]
//
// Manifests go to stdout as a stream of JSON documents. An error, which is what the
// Application's condition would say, goes to stderr, and exit status is 1.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// variables are those of an Application's plugin.
type variables v1alpha1.Env

func (v *variables) String() string { return fmt.Sprint(*v) }

func (v *variables) Set(variable string) error {
	name, value, _ := strings.Cut(variable, "=")
	*v = append(*v, &v1alpha1.EnvEntry{Name: name, Value: value})
	return nil
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("repo-drive", flag.ContinueOnError)
	address := flags.String("addr", "", "of the repo-server")
	timeout := flags.Int("timeout", 60, "controller.repo.server.timeout.seconds")
	request := apiclient.ManifestRequest{
		Repo:               &v1alpha1.Repository{Type: "git"},
		ApplicationSource:  &v1alpha1.ApplicationSource{},
		AppLabelKey:        "app.kubernetes.io/instance",
		TrackingMethod:     string(v1alpha1.TrackingMethodAnnotation), // the default since 3.0
		NoRevisionCache:    true,                                      // as at a refresh: a branch is asked for
		ProjectName:        "default",
		ProjectSourceRepos: []string{"*"},
		KubeVersion:        "1.34.0",
		ApiVersions:        []string{"v1", "serving.kserve.io/v1beta1"},
	}
	var plugin v1alpha1.ApplicationSourcePlugin
	flags.StringVar(&request.Repo.Repo, "repo", "", "URL of the repository")
	flags.StringVar(&request.Revision, "rev", "HEAD", "target revision")
	flags.StringVar(&request.ApplicationSource.Path, "path", ".", "directory of the application")
	flags.StringVar(&request.AppName, "app", "ml-serving", "name of the application")
	flags.StringVar(&request.Namespace, "namespace", "ml-serving", "destination")
	flags.StringVar(&request.AnnotationManifestGeneratePaths, "generate-paths", "", "the annotation manifest-generate-paths")
	flags.BoolVar(&request.NoCache, "hard", false, "a hard refresh")
	flags.StringVar(&plugin.Name, "plugin", "", "name of the plugin; none lets Argo CD find out")
	flags.Var((*variables)(&plugin.Env), "env", "K=V of the plugin (repeatable)")
	parameters := flags.String("parameters", "[]", "of the plugin, as in the Application, in JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(*parameters), &plugin.Parameters); err != nil {
		return err
	}
	request.ApplicationSource.RepoURL, request.ApplicationSource.TargetRevision = request.Repo.Repo, request.Revision
	if plugin.Name != "" {
		request.ApplicationSource.Plugin = &plugin
	}
	connection, client, err := apiclient.NewRepoServerClientset(*address, *timeout, apiclient.TLSConfiguration{DisableTLS: true}).NewRepoServerClient()
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	response, err := client.GenerateManifest(context.Background(), &request)
	if err != nil {
		return err
	}
	for _, manifest := range response.Manifests {
		if _, err := fmt.Fprintf(out, "---\n%s\n", manifest); err != nil {
			return err
		}
	}
	return nil
}
