package cli_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

type registryKey struct{}

// registryCommands are a script's registry and what it needs of the test.
type registryCommands struct {
	t testing.TB
	*testsign.Registry
}

func registryOf(ts *testscript.TestScript) *registryCommands {
	return ts.Value(registryKey{}).(*registryCommands)
}

// registry starts one ($REGISTRY is its host), or lets it answer every request,
// or those for one repository, with a fault.
func registry(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1 || len(args) == 2, "registry start|up|down|forbidden|gone [REPOSITORY]")
	r := registryOf(ts)
	about := "/v2/"
	if len(args) == 2 {
		about += args[1] + "/"
	}
	fault := 0
	switch args[0] {
	case "start":
		r.Registry = testsign.NewRegistry(r.t, true)
		ts.Setenv("REGISTRY", r.Host)
	case "down":
		fault = http.StatusServiceUnavailable
	case "forbidden":
		fault = http.StatusForbidden
	case "gone":
		fault = http.StatusNotFound
	}
	r.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		if fault == 0 || !strings.HasPrefix(req.URL.Path, about) {
			return false
		}
		// Longer than any deadline: nobody has to wait for another try.
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(fault)
		return true
	})
}

// unasked runs a command that must exit with this code without a single request
// to the registry.
func unasked(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) > 1, "unasked N command...")
	before := len(registryOf(ts).Requests())
	code(ts, false, args)
	if asked := registryOf(ts).Requests()[before:]; len(asked) > 0 {
		ts.Fatalf("the registry was asked: %q", asked)
	}
}

// local is a Sigstore whose trusted root is $TRUSTED_ROOT. It is made when it is
// needed: each modelfn of a script is this very program.
var local = sync.OnceValue(func() *testsign.Sigstore { return testsign.NewSigstore("local") })

// train is a workflow that local certifies.
func train() testsign.Logged {
	return local().Keyless(testsign.Identity{
		Issuer: "https://token.actions.githubusercontent.com", Subject: "https://github.com/acme/models/.github/workflows/train.yml@refs/heads/main",
		SourceRepository: "https://github.com/acme/models",
	})
}

// publish pushes a ModelKit of a version under REPOSITORY:TAG and signs it; a
// bundle may say what it is for.
func publish(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3 || len(args) == 4 && args[2] == "bundle", "publish REPOSITORY:TAG VERSION legacy|bundle|keyless|keyless-legacy|stranger|unsigned [CLAIM=VALUE]")
	r := registryOf(ts)
	repository, tag, _ := strings.Cut(args[0], ":")
	model := testsign.Kit("fraud", args[1])
	r.Push(r.t, repository, tag, model)
	var evidence artifact.Evidence
	switch args[2] {
	case "legacy":
		evidence = testsign.ECDSA("release").Legacy(r.Host+"/"+repository, model.Digest())
	case "bundle":
		var says testsign.Says
		if len(args) == 4 {
			claim, value, _ := strings.Cut(args[3], "=")
			says.Annotations = map[string]string{claim: value}
		}
		evidence = testsign.ECDSA("release").Attest(model.Digest(), says)
	case "keyless":
		evidence = train().Bundle(model.Digest())
	case "keyless-legacy":
		evidence = train().Legacy(r.Host+"/"+repository, model.Digest())
	case "stranger":
		evidence = testsign.ECDSA("stranger").Bundle(model.Digest())
	default:
		return
	}
	r.Attach(r.t, repository, model.Digest(), evidence)
}

// attest attaches an attestation by a key to what a tag names.
func attest(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 5 && (args[2] == "legacy" || args[2] == "bundle"), "attest REPOSITORY:TAG KEY legacy|bundle TYPE PREDICATE")
	r := registryOf(ts)
	repository, tag, _ := strings.Cut(args[0], ":")
	digest := artifact.DigestOf(r.Stored(r.t, "/v2/"+repository+"/manifests/"+tag))
	by := testsign.ECDSA(args[1]).Attest
	if args[2] == "legacy" {
		by = testsign.ECDSA(args[1]).LegacyAttest
	}
	r.Attach(r.t, repository, digest, by(digest, testsign.Says{PredicateType: args[3], Predicate: args[4]}))
}
