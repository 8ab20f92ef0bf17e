package v1alpha1

import "testing"

// TestPrometheus: KEDA is given an address, and nothing else that stands in a URL.
func TestPrometheus(t *testing.T) {
	for address, taken := range map[string]bool{
		"http://prometheus.monitoring:9090": true, "https://prometheus/prefix": true,
		"": false, "prometheus:9090": false, "ftp://prometheus": false, "http://": false,
		"http://user:word@prometheus": false, "http://prometheus?query=up": false, "http://prometheus#a": false,
	} {
		var e fieldErrors
		if e.prometheus("spec", &Prometheus{ServerAddress: address}); (len(e) == 0) != taken {
			t.Errorf("%q: %v", address, e)
		}
	}
}
