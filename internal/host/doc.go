// Package host is what surrounds the core in `modelfn build` and `modelfn
// lock`: a directory of plain files, or a kustomization built in process, and
// the final gate over the whole stream. When kustomize calls back into this
// program (as the "docker" it runs functions with), Callback answers.
package host
