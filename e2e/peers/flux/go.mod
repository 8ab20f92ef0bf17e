module modelfn.dev/peers/flux

go 1.26.8

require github.com/fluxcd/flux2/v2 v2.9.5

// What prepare.sh makes of it.
replace github.com/fluxcd/flux2/v2 => ./flux2

// its own
replace gopkg.in/yaml.v3 => gopkg.in/yaml.v3 v3.0.1
