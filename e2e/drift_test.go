package e2e_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// drift lists the fields that an object got from someone else, and those that
// are not what they were. The elements of a list have no names, so a list with
// more or fewer of them is another one.
func drift(path string, before, after any) (added, changed []string) {
	was, wasMap := before.(map[string]any)
	is, isMap := after.(map[string]any)
	if !wasMap || !isMap {
		return driftOfList(path, before, after)
	}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		field := path + "." + key
		if _, ok := was[key]; !ok {
			added = append(added, fmt.Sprintf("%s: %v", field, is[key]))
			continue
		}
		more, other := drift(field, was[key], is[key])
		added, changed = append(added, more...), append(changed, other...)
	}
	for _, key := range slices.Sorted(maps.Keys(was)) {
		if _, ok := is[key]; !ok {
			changed = append(changed, fmt.Sprintf("%s.%s: %v is gone", path, key, was[key]))
		}
	}
	return added, changed
}

func driftOfList(path string, before, after any) (added, changed []string) {
	was, wasList := before.([]any)
	is, isList := after.([]any)
	if !wasList || !isList || len(was) != len(is) {
		if !reflect.DeepEqual(before, after) {
			changed = append(changed, fmt.Sprintf("%s: %v became %v", path, before, after))
		}
		return nil, changed
	}
	for i := range was {
		more, other := drift(fmt.Sprintf("%s[%d]", path, i), was[i], is[i])
		added, changed = append(added, more...), append(changed, other...)
	}
	return added, changed
}
