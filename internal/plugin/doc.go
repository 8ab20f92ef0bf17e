// Package plugin is what differs when Argo CD's config management plugin starts
// modelfn: what an Application may say (Parameters), what Argo CD's user interface
// is told (Announce), and which findings its user reads (Told).
package plugin
