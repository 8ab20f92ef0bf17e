// Package trust judges evidence: Compile turns a platform's trust rules into a
// Policy, and Policy.Verify turns an artifact and the evidence about it into a
// Verdict. The zero Verdict is a refusal, and only this package makes others.
package trust
