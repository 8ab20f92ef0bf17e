package passthrough

// Shape is what stands in a field, as JSON has it.
type Shape string

// Shapes of fields. What is inside of a map or a list nobody looks at.
const (
	Boolean Shape = "true or false"
	Whole   Shape = "a whole number"
	Text    Shape = "text"
	Map     Shape = "a map"
	List    Shape = "a list"
)

// Shapes are those of the fields that a platform may allow: of all else that
// KServe's and Kubernetes' types say, the API server judges.
func Shapes() map[string]Shape {
	return map[string]Shape{
		"activeDeadlineSeconds": Whole, "automountServiceAccountToken": Boolean, "batcher": Map, "deploymentStrategy": Map,
		"dnsPolicy": Text, "enableServiceLinks": Boolean, "hostname": Text, "hostnameOverride": Text, "hostUsers": Boolean,
		"logger": Map, "nodeName": Text, "os": Map, "overhead": Map, "preemptionPolicy": Text, "priority": Whole,
		"readinessGates": List, "resourceClaims": List, "resources": Map, "restartPolicy": Text, "schedulingGates": List,
		"securityContext": Map, "setHostnameAsFQDN": Boolean, "shareProcessNamespace": Boolean, "subdomain": Text,
	}
}
