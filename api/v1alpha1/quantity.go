package v1alpha1

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Quantity is a Kubernetes quantity in its canonical spelling, so that what we
// emit is what the API server would store: "1000m" is read as "1". A number is
// accepted as in any manifest.
type Quantity string

func (q *Quantity) UnmarshalJSON(data []byte) error {
	text := string(data)
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	parsed, err := resource.ParseQuantity(text)
	if err != nil {
		return fmt.Errorf("%q is not a quantity such as 500m, 2 or 4Gi", text)
	}
	*q = Quantity(parsed.String())
	return nil
}
