package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
	"github.com/modelfn/modelfn/internal/pattern"
)

// The part of SARIF 2.1.0 that code scanning shows.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name            string      `json:"name"`
		InformationURI  string      `json:"informationUri"`
		SemanticVersion string      `json:"semanticVersion,omitempty"`
		Rules           []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
		Full  sarifText `json:"fullDescription"`
		Help  sarifText `json:"help"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        finding.Severity  `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI    string `json:"uri"`
		BaseID string `json:"uriBaseId"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name      string `json:"name"`
		Qualified string `json:"fullyQualifiedName"`
		Kind      string `json:"kind"`
	}
)

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	homepage    = "https://github.com/modelfn/modelfn"
	// sourceRoot is what code scanning calls the repository's root.
	sourceRoot = "%SRCROOT%"
	// lineHash is the one fingerprint that GitHub looks at.
	lineHash = "primaryLocationLineHash"
)

// printSARIF writes findings for code scanning. An empty list is one, too: it
// closes the alerts of the last run.
func printSARIF(w io.Writer, findings finding.List, checkout *host.Checkout) error {
	run := sarifRun{
		Tool:    sarifTool{sarifDriver{Name: "modelfn", InformationURI: homepage, SemanticVersion: semanticVersion(), Rules: []sarifRule{}}},
		Results: []sarifResult{},
	}
	findings = checkout.Rooted(findings)
	var rules []string
	for _, f := range findings {
		rules = append(rules, f.Rule)
	}
	slices.Sort(rules)
	rules = slices.Compact(rules)
	for _, rule := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, newSARIFRule(rule))
	}
	times := map[string]int{}
	for _, f := range findings {
		mark := fingerprint(f)
		times[mark]++
		result := newSARIFResult(f, checkout.Place(f))
		result.RuleIndex, _ = slices.BinarySearch(rules, f.Rule)
		result.Fingerprints = map[string]string{lineHash: fmt.Sprintf("%s:%d", mark, times[mark])}
		run.Results = append(run.Results, result)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

// newSARIFRule is a rule as its alerts are headed: a rule's name says what is wrong.
func newSARIFRule(rule string) sarifRule {
	words := strings.ReplaceAll(rule, "-", " ")
	title := strings.ToUpper(words[:1]) + words[1:]
	return sarifRule{
		rule, sarifText{title}, sarifText{title + ": found by modelfn verify."},
		sarifText{"Each result says what was expected, what was found, and how to mend it."},
	}
}

func newSARIFResult(f finding.Finding, at host.Place) sarifResult {
	location := sarifLocation{Physical: sarifPhysical{
		sarifArtifact{relativeURI(at.File), sourceRoot}, sarifRegion{at.Line},
	}}
	if name := f.Resource.String(); name != "" {
		location.Logical = []sarifLogical{{plain(f.Resource.Name), plain(name), "resource"}}
	}
	// The file is shown beside it, unless it is another.
	if !at.StandIn {
		f.Resource.File = ""
	}
	return sarifResult{
		RuleID: f.Rule, Level: f.Severity, Message: sarifText{plain(f.Text())},
		Locations: []sarifLocation{location},
	}
}

// relativeURI escapes a path. A colon in its first part would make a scheme.
func relativeURI(path string) string {
	return strings.ReplaceAll((&url.URL{Path: "/" + path}).EscapedPath()[1:], ":", "%3A")
}

// fingerprint is what makes two findings the same alert, whatever became of the
// lines around them. The message is no part of it: it names tags, digests and
// times, and a model that is as untrusted as the one before it is no news.
// Findings that are alike in all of this are counted.
func fingerprint(f finding.Finding) string {
	h := sha256.New()
	r := f.Resource
	for _, part := range []string{f.Rule, r.File, f.Dir, r.Kind, r.Namespace, r.Name, f.Field} {
		fmt.Fprintf(h, "%d %s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// linking is what Markdown, and what is like it at GitHub and GitLab, makes links,
// images, mentions or elements of. A digest's @ mentions nobody.
var linking = pattern.New(`@sha256:|[@<#&]|\](?:[(\[:])|:/|(?i:www)\.|\{\d`)

// plain is text from a repository that nothing is made of: an invisible space
// stands in what would be a link or a placeholder.
func plain(s string) string {
	return linking.ReplaceAllStringFunc(finding.Neutralise(s), func(m string) string {
		switch {
		case strings.HasPrefix(m, "@sha256"):
			return m
		case len(m) == 1:
			return m + "\u200b"
		}
		return m[:len(m)-1] + "\u200b" + m[len(m)-1:]
	})
}
