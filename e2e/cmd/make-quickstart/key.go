package main

import (
	"fmt"
	"regexp"
	"strings"
)

// keyBlock is a public key in a YAML block scalar, with its indentation.
var keyBlock = regexp.MustCompile(`(?m)^( +)-----BEGIN PUBLIC KEY-----\n(?: +[A-Za-z0-9+/=]+\n)+ +-----END PUBLIC KEY-----$`)

// replaceKey puts another key where the file holds one, and leaves everything
// else, comments included, as it stands.
func replaceKey(file []byte, pem string) ([]byte, error) {
	found := keyBlock.FindAllSubmatchIndex(file, -1)
	if len(found) != 1 {
		return nil, fmt.Errorf("%d public keys as indented PEM blocks, want 1", len(found))
	}
	at := found[0]
	indent := string(file[at[2]:at[3]])
	lines := strings.Split(strings.TrimSpace(pem), "\n")
	block := indent + strings.Join(lines, "\n"+indent)
	return []byte(string(file[:at[0]]) + block + string(file[at[1]:])), nil
}
