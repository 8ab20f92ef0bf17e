package world

import (
	"bytes"
	"fmt"
	"os"
)

// Images writes objects that name the models where kbld looks for images.
func Images(path string, models []Model) error {
	var b bytes.Buffer
	for _, m := range models {
		fmt.Fprintf(&b, "---\napiVersion: example.com/v1\nkind: Model\nmetadata:\n  name: %s\nspec:\n  image: %s\n", m.Name, m.Ref)
	}
	return write(map[string]string{path: b.String()})
}

// Digests refuses an output in which a model's digest is missing: whoever is
// measured has to have found it.
func Digests(models []Model) func(output string) error {
	return func(output string) error {
		content, err := os.ReadFile(output)
		if err != nil {
			return err
		}
		for _, m := range models {
			if !bytes.Contains(content, []byte(m.Digest)) {
				return fmt.Errorf("%s is not in the output: %.400s", m.Digest, content)
			}
		}
		return nil
	}
}
