//go:build race

package cli_test

// The race detector takes ten times the time and memory.
const raceDetector = true
