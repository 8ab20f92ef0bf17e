package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
)

// application is what the repo-server sends to a plugin: a directory of files, and
// which of those below it is meant.
type application struct {
	root, path string
	env        []string
}

func (a application) match(ctx context.Context, c apiclient.ConfigManagementPluginServiceClient, out io.Writer) error {
	stream, err := c.MatchRepository(ctx)
	if err != nil {
		return err
	}
	if err := cmp.SendRepoStream(ctx, a.path, a.root, stream, a.env, nil); err != nil {
		return err
	}
	r, err := stream.CloseAndRecv()
	if err == nil {
		_, err = fmt.Fprintf(out, "match: isSupported=%v isDiscoveryEnabled=%v\n", r.IsSupported, r.IsDiscoveryEnabled)
	}
	return err
}

func (a application) parameters(ctx context.Context, c apiclient.ConfigManagementPluginServiceClient, out io.Writer) error {
	stream, err := c.GetParametersAnnouncement(ctx)
	if err != nil {
		return err
	}
	if err := cmp.SendRepoStream(ctx, a.path, a.root, stream, a.env, nil); err != nil {
		return err
	}
	r, err := stream.CloseAndRecv()
	if err != nil {
		return err
	}
	announced, err := json.Marshal(r.ParameterAnnouncements)
	if err == nil {
		_, err = fmt.Fprintf(out, "params: %s\n", announced)
	}
	return err
}

func (a application) generate(ctx context.Context, c apiclient.ConfigManagementPluginServiceClient) ([]string, error) {
	stream, err := c.GenerateManifest(ctx)
	if err != nil {
		return nil, err
	}
	if err := cmp.SendRepoStream(ctx, a.path, a.root, stream, a.env, nil); err != nil {
		return nil, err
	}
	r, err := stream.CloseAndRecv()
	return r.GetManifests(), err
}
