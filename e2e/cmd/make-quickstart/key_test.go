package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const newKey = "-----BEGIN PUBLIC KEY-----\nbmV3\na2V5\n-----END PUBLIC KEY-----\n"

func TestReplaceKey(t *testing.T) {
	const file = `spec:
  trust: # who may sign
  - key:
      pem: |
        -----BEGIN PUBLIC KEY-----
        b2xk
        -----END PUBLIC KEY-----
  other: kept
`
	const want = `spec:
  trust: # who may sign
  - key:
      pem: |
        -----BEGIN PUBLIC KEY-----
        bmV3
        a2V5
        -----END PUBLIC KEY-----
  other: kept
`
	got, err := replaceKey([]byte(file), newKey)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want, +got:\n%s", diff)
	}
}

func TestReplaceKeyRefuses(t *testing.T) {
	const block = "  -----BEGIN PUBLIC KEY-----\n  b2xk\n  -----END PUBLIC KEY-----\n"
	for reason, tt := range map[string]struct{ file, want string }{
		"no key":   {"spec: {}\n", "0 public keys"},
		"two keys": {block + block, "2 public keys"},
	} {
		t.Run(reason, func(t *testing.T) {
			_, err := replaceKey([]byte(tt.file), newKey)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("replaceKey: %v, want %s", err, tt.want)
			}
		})
	}
}
