// app-judge does what Argo CD's application controller does, by Argo CD's own code:
// it applies objects, compares them with what lives, tells their health and syncs
// them in their order. Objects are read from stdin as a stream of documents.
//
//	app-judge apply  -kubeconfig FILE [-server-side]
//	app-judge diff   -kubeconfig FILE [-server-side]
//	app-judge health [-settings argocd-cm.yaml]
//	app-judge step   -kubeconfig FILE [-settings argocd-cm.yaml] -state FILE
//
// Answers, a JSON object for each object in its order (for step: one), go to stdout.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/sirupsen/logrus"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// judge is one run.
type judge struct {
	cluster    *cluster
	serverSide bool
	settings   string // a file, the ConfigMap argocd-cm
	state      string // a file, what a sync has come to
	answers    *json.Encoder
}

var commands = map[string]func(judge, context.Context, []*unstructured.Unstructured) error{
	"apply": judge.apply, "diff": judge.diff, "health": judge.health, "step": judge.step,
}

func main() {
	logrus.SetOutput(io.Discard) // it says what is answered as well
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "app-judge:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 || commands[args[0]] == nil {
		return errors.New("usage: app-judge apply|diff|health|step [flags]")
	}
	j := judge{answers: json.NewEncoder(out)}
	flags := flag.NewFlagSet("app-judge", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "of the cluster")
	flags.BoolVar(&j.serverSide, "server-side", false, "as with the sync option ServerSideApply=true")
	flags.StringVar(&j.settings, "settings", "", "a file with the ConfigMap argocd-cm")
	flags.StringVar(&j.state, "state", "", "a file that holds the state of a sync from step to step")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	content, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	objects, err := kube.SplitYAML(content)
	if err != nil {
		return err
	}
	if *kubeconfig != "" {
		if j.cluster, err = connect(*kubeconfig); err != nil {
			return err
		}
	}
	return commands[args[0]](j, context.Background(), objects)
}
