package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
	"github.com/modelfn/modelfn/trust"
)

// verifyRun is one run of `modelfn verify`.
type verifyRun struct {
	common
	root, output string
	recursive    bool
}

// newVerify says who signed what.
func newVerify(p Process) *cobra.Command {
	r := verifyRun{common: common{p: p, timeout: lockTimeout}}
	cmd := &cobra.Command{
		Use:   "verify [DIR | DIR/... | URI]...",
		Short: "Say of each model who signed it, and whether it may be rendered",
		Long: `Judge each model as a render does, from the lock and without network (unless
the platform says resolution: Online), and print a line for each version and each
container image: trusted, refused or unknown. Exit 0 only when all are trusted.

With --platform FILE it shows which models a new platform would refuse, before it
is merged: a repository's own platform has no say then. A URI (with its scheme) is judged by itself, from its registry.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{"table", "json", "sarif"}, r.output) {
				return fmt.Errorf("--output is %q, want table, json or sarif", r.output)
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), r.timeout)
			defer cancel()
			return r.run(ctx, args)
		},
	}
	r.register(cmd)
	cmd.Flags().BoolVarP(&r.recursive, "recursive", "R", false, "the same as DIR/... for each DIR")
	cmd.Flags().StringVar(&r.root, "root", "", "`directory` that a kustomization may read from (default: the Git repository)")
	cmd.Flags().StringVarP(&r.output, "output", "o", "table", "table, json, or sarif for code scanning")
	return cmd
}

func (r *verifyRun) run(ctx context.Context, args []string) error {
	var uris, dirs []string
	for _, arg := range args {
		if strings.Contains(arg, "://") {
			uris = append(uris, arg)
		} else {
			dirs = append(dirs, arg)
		}
	}
	cfg := fn.Config{Sources: r.sources()}
	cfg.Sources.Compiler = new(trust.Compiler)
	var all finding.List
	results := []fn.Verified{}
	for _, uri := range uris {
		more, findings := fn.VerifyURI(ctx, uri, cfg)
		results, all = append(results, more...), append(all, findings...)
	}
	if len(dirs) > 0 || len(uris) == 0 {
		named, err := namedDirectories(dirs, r.recursive)
		if err != nil {
			return err
		}
		more, findings := r.directories(ctx, named, cfg)
		results, all = append(results, more...), append(all, findings...)
	}
	for _, v := range results {
		all = append(all, v.Findings...)
	}
	all = all.Sorted()
	if err := r.print(results, all, dirs); err != nil {
		return faulty(err)
	}
	return r.report(all)
}

func (r *verifyRun) directories(ctx context.Context, named []host.Named, cfg fn.Config) ([]fn.Verified, finding.List) {
	targets, notes, all := host.Targets(named, r.root)
	for _, note := range notes {
		r.say(note)
	}
	var results []fn.Verified
	found := false
	for _, t := range targets {
		p, findings := t.Read(ctx, host.Options{Sources: cfg.Sources, Root: r.root})
		if r.platform != "" {
			// What if this were the platform: the repository's own has no say.
			p.Platforms = nil
			findings = slices.DeleteFunc(findings, func(f finding.Finding) bool { return f.Resource.Kind == v1alpha1.KindModelPlatform })
		}
		more := fn.Unjudged(p)
		if !findings.Refused() && len(p.Deployments) > 0 {
			judged, about := fn.Verify(ctx, p, cfg)
			if findings = append(findings, about...); len(judged) > 0 {
				more = judged
			}
		}
		if t.Base && findings.Refused() {
			continue // whoever reads it says what is wrong, or mends it
		}
		found = found || len(p.Deployments) > 0
		// An alert stands by itself.
		if len(targets) > 1 || r.output == "sarif" {
			findings = inDirectory(t.Dir, findings)
			for i := range more {
				more[i].Dir = t.Dir
				more[i].Findings = inDirectory(t.Dir, more[i].Findings)
			}
		}
		results, all = append(results, more...), append(all, findings...)
	}
	if !found && !all.Refused() {
		all = append(all, noDeployment(named[0].Dir)...)
	}
	return results, all
}

// print writes the results: for people, for programs, or for code scanning.
func (r *verifyRun) print(results []fn.Verified, all finding.List, dirs []string) error {
	switch r.output {
	case "json":
		return r.printJSON(results)
	case "sarif":
		dir := "."
		if len(dirs) > 0 {
			dir, _ = walked(dirs[0])
		}
		checkout, err := host.NewCheckout(dir, r.root)
		if err != nil {
			return err
		}
		return printSARIF(r.p.Stdout, all, checkout)
	}
	if len(results) == 0 {
		return nil
	}
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	header := []string{"DEPLOYMENT", "ROLE", "URI", "DIGEST", "VERDICT", "SIGNED BY"}
	// Most platforms ask for no attestation.
	wide := slices.ContainsFunc(results, func(v fn.Verified) bool { return len(v.Attestations) > 0 })
	if wide {
		header = append(header, "ATTESTED")
	}
	many := slices.ContainsFunc(results, func(v fn.Verified) bool { return v.Dir != "" })
	if many {
		header = append([]string{"DIRECTORY"}, header...)
	}
	fmt.Fprintln(w, strings.Join(header, "\t"))
	for _, v := range results {
		digest := v.Digest
		if len(digest) > len("sha256:")+12 {
			digest = digest[:len("sha256:")+12]
		}
		cells := []string{v.Deployment, v.Role, v.URI, digest, string(v.Outcome), signedBy(v)}
		if wide {
			cells = append(cells, attested(v.Attestations))
		}
		if many {
			cells = append([]string{v.Dir}, cells...)
		}
		for i, cell := range cells {
			if cells[i] = finding.Neutralise(cell); cell == "" {
				cells[i] = "-"
			}
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(out.String()) {
		if _, err := fmt.Fprintln(r.p.Stdout, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// signedBy names who signed. What a rule lets in without a signature is trusted by
// nobody's word, which has to be seen beside the verdict.
func signedBy(v fn.Verified) string {
	if v.Outcome == fn.Trusted && len(v.Authorities) == 0 {
		return "unsigned"
	}
	return strings.Join(v.Authorities, ",")
}

// attested names each required attestation and who made it; a type without its
// scheme, since they are all addresses.
func attested(list []fn.Attested) string {
	cells := make([]string, len(list))
	for i, a := range list {
		_, name, found := strings.Cut(a.PredicateType, "://")
		if !found {
			name = a.PredicateType
		}
		by := a.Authority
		switch {
		case a.Failed:
			by = "FAILED"
		case !a.Holds:
			by = "MISSING"
		}
		cells[i] = name + "=" + by
	}
	return strings.Join(cells, ",")
}

// verifiedJSON is one result as programs read it.
type verifiedJSON struct {
	// Directory is there only where several were looked at.
	Directory   string     `json:"directory,omitempty"`
	Deployment  string     `json:"deployment"`
	Role        string     `json:"role"`
	URI         string     `json:"uri"`
	Digest      string     `json:"digest"`
	Verdict     fn.Outcome `json:"verdict"`
	Authorities []string   `json:"authorities"`
	// Attestations are there only where the platform requires some.
	Attestations []fn.Attested `json:"attestations,omitempty"`
	Findings     []findingJSON `json:"findings"`
}

type findingJSON struct {
	Rule     string           `json:"rule"`
	Severity finding.Severity `json:"severity"`
	// File is where it stands, where that is known.
	File    string `json:"file,omitempty"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"`
}

func (r *verifyRun) printJSON(results []fn.Verified) error {
	out := make([]verifiedJSON, len(results))
	for i, v := range results {
		out[i] = verifiedJSON{v.Dir, v.Deployment, v.Role, v.URI, v.Digest, v.Outcome, v.Authorities, v.Attestations, []findingJSON{}}
		for _, f := range v.Findings {
			out[i].Findings = append(out[i].Findings, findingJSON{
				f.Rule, f.Severity, f.Resource.File, f.Field, finding.Brief(f.Message), f.Fix,
			})
		}
	}
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(out); err != nil {
		return err
	}
	_, err := r.p.Stdout.Write(finding.NeutraliseJSON(raw.Bytes()))
	return err
}
