// project-judge says what applications of an AppProject may deploy, by Argo CD's own
// code: to each question on stdin, a JSON object, there is an answer on stdout. An
// application is read as strictly as the project.
//
//	project-judge PROJECT.yaml [APPLICATION.yaml]
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// question is an object in an application: what it is, where it goes, and which
// repository it comes from.
type question struct {
	Group, Kind             string
	Namespaced              bool
	Server, Namespace, Repo string
}

// answer tells which of them the project permits.
type answer struct{ Kind, Destination, Source bool }

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "project-judge:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 && len(args) != 2 {
		return errors.New("usage: project-judge PROJECT.yaml [APPLICATION.yaml]")
	}
	var project v1alpha1.AppProject
	if err := read(args[0], &project); err != nil {
		return err
	}
	if err := project.ValidateProject(); err != nil {
		return err
	}
	if len(args) == 2 {
		var application v1alpha1.Application
		if err := read(args[1], &application); err != nil {
			return err
		}
		if err := belongs(project, application.Spec); err != nil {
			return err
		}
	}
	questions, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var q question
		if err := questions.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		a, err := judge(project, q)
		if err != nil {
			return err
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

func read(file string, into any) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(content, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// belongs is an error unless the application is the project's, from where and to
// where the project permits.
func belongs(project v1alpha1.AppProject, spec v1alpha1.ApplicationSpec) error {
	a, err := judge(project, question{Server: spec.Destination.Server, Namespace: spec.Destination.Namespace, Repo: spec.GetSource().RepoURL})
	if err != nil {
		return err
	}
	if spec.Project != project.Name || !a.Source || !a.Destination {
		return fmt.Errorf("the application is none of project %s: %+v", project.Name, a)
	}
	return nil
}

func judge(project v1alpha1.AppProject, q question) (answer, error) {
	destination, err := project.IsDestinationPermitted(&v1alpha1.Cluster{Server: q.Server}, q.Namespace, func(string) ([]*v1alpha1.Cluster, error) { return nil, nil })
	return answer{
		Kind:        project.IsGroupKindPermitted(schema.GroupKind{Group: q.Group, Kind: q.Kind}, q.Namespaced),
		Destination: destination,
		Source:      project.IsSourcePermitted(v1alpha1.ApplicationSource{RepoURL: q.Repo}),
	}, err
}
