package distribution

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Descriptor is one entry of a list of referrers.
type Descriptor struct {
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	Annotations  map[string]string `json:"annotations"`
}

const (
	errIndex   = lasting("its list of referrers is no OCI image index")
	errEntry   = lasting("its list of referrers has an entry without a sha256 digest")
	errTooMany = lasting("more than 1000 referrers are attached to it: remove stray ones from the registry")
)

// descriptors are decoded one by one, so that their number can be bounded: an
// empty one takes three bytes of the list and thirty times as much in memory.
type descriptors struct {
	list []Descriptor
	most int
	// there tells an empty list from none.
	there bool
}

func (d *descriptors) UnmarshalJSON(raw []byte) error {
	// Of several lists the last counts, as for any JSON.
	d.list, d.there = nil, true
	decoder := json.NewDecoder(bytes.NewReader(raw))
	switch open, err := decoder.Token(); {
	case err != nil:
		return err
	case open == nil:
		return nil // null, as some registries write an empty list
	case open != json.Delim('['):
		return errIndex
	}
	for decoder.More() {
		if len(d.list) == d.most {
			return errTooMany
		}
		var next Descriptor
		if err := decoder.Decode(&next); err != nil {
			return err
		}
		// A caller will ask for it: what looks like a tag would be one.
		if !digestPattern.MatchString(next.Digest) {
			return errEntry
		}
		d.list = append(d.list, next)
	}
	return nil
}

// parseIndex reads at most so many entries of an index that nobody vouches for.
// It tells whether there is a list at all.
func parseIndex(raw []byte, most int) (list []Descriptor, there bool, err error) {
	index := struct {
		Manifests descriptors `json:"manifests"`
	}{descriptors{most: most}}
	err = json.Unmarshal(raw, &index)
	if reason, ok := errors.AsType[lasting](err); ok {
		return nil, true, reason
	}
	if err != nil {
		return nil, false, errIndex
	}
	return index.Manifests.list, index.Manifests.there, nil
}
