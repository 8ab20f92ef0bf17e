package v1alpha1

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Quantity is a Kubernetes quantity in its canonical spelling, so that what we
// emit is what the API server would store: "1000m" is read as "1". A number is
// accepted as in any manifest.
type Quantity string

// quantity is the grammar that resource.ParseQuantity takes, with bounds: that
// function computes for hours over 1e-999999999.
var quantity = pattern.New(`^[+-]?([0-9]{1,19}(\.[0-9]{0,19})?|\.[0-9]{1,19})([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$`)

// UnmarshalJSON reads a string or a number.
func (q *Quantity) UnmarshalJSON(data []byte) error {
	text := string(data)
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	refused := fmt.Errorf("%q is not a quantity such as 500m, 2 or 4Gi", text)
	if !quantity.MatchString(text) {
		return refused
	}
	parsed, err := resource.ParseQuantity(text)
	if err != nil {
		return refused
	}
	*q = Quantity(parsed.String())
	return nil
}
