package distribution

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/modelfn/modelfn/internal/pattern"
)

// helperPattern keeps a helper's name from being a path: only programs on PATH
// whose name begins with docker-credential- are run.
var helperPattern = pattern.New(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// noCredentials is what helpers print when they have none.
const noCredentials = "credentials not found in native keychain"

// runHelper asks a credential helper about a server. What it prints is secret
// and stays out of errors.
func runHelper(ctx context.Context, helper, server string) (*authn.AuthConfig, error) {
	if !helperPattern.MatchString(helper) {
		return nil, errors.New("the credential helper's name is none")
	}
	ctx, cancel := context.WithTimeout(ctx, helperTimeout)
	defer cancel()
	program := "docker-credential-" + helper
	cmd := exec.CommandContext(ctx, program, "get")
	cmd.Stdin = strings.NewReader(server)
	cmd.WaitDelay = time.Second
	out := printed{tooMuch: cancel}
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		if strings.Contains(out.content.String(), noCredentials) {
			return &authn.AuthConfig{}, nil
		}
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	var got struct{ Username, Secret string }
	if err := json.Unmarshal(out.content.Bytes(), &got); err != nil {
		return nil, fmt.Errorf("%s: its answer is not of docker's form", program)
	}
	if got.Username == "<token>" {
		return &authn.AuthConfig{IdentityToken: got.Secret}, nil
	}
	return &authn.AuthConfig{Username: got.Username, Password: got.Secret}, nil
}

// printed is what a program prints; one that prints too much is ended. The buffer
// is not embedded: io.Copy would find its ReadFrom and go past the bound.
type printed struct {
	content bytes.Buffer
	tooMuch func()
}

func (p *printed) Write(b []byte) (int, error) {
	if p.content.Len()+len(b) > maxHelper {
		p.tooMuch()
		return 0, fmt.Errorf("it printed more than %d bytes", maxHelper)
	}
	return p.content.Write(b)
}
