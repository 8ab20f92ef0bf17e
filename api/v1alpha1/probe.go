package v1alpha1

// EnvVar is an environment variable with its value.
type EnvVar struct {
	Name string `json:"name"`
	// Value is text: quote numbers and booleans.
	Value string `json:"value,omitempty"`
}

// Probe asks the model's container whether it is well, in exactly one way. It
// runs no command.
type Probe struct {
	HTTPGet   *HTTPGet   `json:"httpGet,omitempty"`
	TCPSocket *TCPSocket `json:"tcpSocket,omitempty"`
	GRPC      *GRPC      `json:"grpc,omitempty"`

	InitialDelaySeconds           int32  `json:"initialDelaySeconds,omitempty"`
	TimeoutSeconds                int32  `json:"timeoutSeconds,omitempty"`
	PeriodSeconds                 int32  `json:"periodSeconds,omitempty"`
	SuccessThreshold              int32  `json:"successThreshold,omitempty"`
	FailureThreshold              int32  `json:"failureThreshold,omitempty"`
	TerminationGracePeriodSeconds *int64 `json:"terminationGracePeriodSeconds,omitempty"`
}

// HTTPGet is well when the container answers with 200 to 399.
type HTTPGet struct {
	Path string `json:"path,omitempty"`
	// Port is a number: the containers of KServe's runtimes name none.
	Port int32 `json:"port"`
	// Scheme is HTTP (the default) or HTTPS.
	Scheme string `json:"scheme,omitempty"`
}

// TCPSocket is well when the port takes a connection.
type TCPSocket struct {
	Port int32 `json:"port"`
}

// GRPC is well when the gRPC health service says so.
type GRPC struct {
	Port int32 `json:"port"`
	// Service to ask for. The API server writes it out when it is empty.
	Service string `json:"service"`
}

// Ways are the names of the ways in which the probe asks.
func (p *Probe) Ways() []string {
	var out []string
	if p.HTTPGet != nil {
		out = append(out, "httpGet")
	}
	if p.TCPSocket != nil {
		out = append(out, "tcpSocket")
	}
	if p.GRPC != nil {
		out = append(out, "grpc")
	}
	return out
}

// port that one of the ways asks.
func (p *Probe) port(way string) int32 {
	switch way {
	case "httpGet":
		return p.HTTPGet.Port
	case "tcpSocket":
		return p.TCPSocket.Port
	default:
		return p.GRPC.Port
	}
}
