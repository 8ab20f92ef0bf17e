package passthrough

// NotInKnative are the fields that cannot be set in Knative mode. Knative v0.48
// (PodSpecMask) refuses the pods that have them, whatever its features; KServe
// hands them on.
func NotInKnative() []Group {
	return []Group{
		{"Knative refuses pods that have it", []string{
			"activeDeadlineSeconds", "hostUsers", "hostname", "hostnameOverride", "nodeName", "os", "overhead", "preemptionPolicy",
			"priority", "readinessGates", "resourceClaims", "resources", "restartPolicy", "schedulingGates", "setHostnameAsFQDN",
			"subdomain", "terminationGracePeriodSeconds",
		}},
		{"Knative makes the Deployment, and KServe refuses it", []string{"deploymentStrategy"}},
	}
}

// KnativeFeatures are the features that Knative's ConfigMap config-features must
// have enabled for a field.
func KnativeFeatures() map[string]string {
	return map[string]string{
		"affinity": "kubernetes.podspec-affinity", "dnsPolicy": "kubernetes.podspec-dnspolicy", "nodeSelector": "kubernetes.podspec-nodeselector",
		"priorityClassName": "kubernetes.podspec-priorityclassname", "runtimeClassName": "kubernetes.podspec-runtimeclassname",
		"schedulerName": "kubernetes.podspec-schedulername", "securityContext": "kubernetes.podspec-securitycontext",
		"shareProcessNamespace": "kubernetes.podspec-shareprocessnamespace", "tolerations": "kubernetes.podspec-tolerations",
		"topologySpreadConstraints": "kubernetes.podspec-topologyspreadconstraints",
	}
}
