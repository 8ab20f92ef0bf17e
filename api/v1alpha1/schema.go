package v1alpha1

import _ "embed"

// Schema is the JSON schema of the three kinds, for editors. It is generated
// from the Go types (see schema_test.go); what depends on several fields is
// left to Validate.
//
//go:embed schema.json
var Schema []byte
