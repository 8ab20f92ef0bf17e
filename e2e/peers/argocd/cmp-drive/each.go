package main

import (
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
)

// one is what an application came to.
type one struct {
	App       string
	Manifests []string
	Error     string
	Seconds   float64
}

// each asks for the manifests of all applications at once.
func each(ctx context.Context, c apiclient.ConfigManagementPluginServiceClient, apps []string, out io.Writer) error {
	answers := make([]one, len(apps))
	var wg sync.WaitGroup
	for i, app := range apps {
		wg.Add(1)
		go func() {
			defer wg.Done()
			began := time.Now()
			manifests, err := application{root: app, path: app}.generate(ctx, c)
			answers[i] = one{App: app, Manifests: manifests, Seconds: time.Since(began).Seconds()}
			if err != nil {
				answers[i].Error = err.Error()
			}
		}()
	}
	wg.Wait()
	encoder := json.NewEncoder(out)
	for _, answer := range answers {
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
	return nil
}
