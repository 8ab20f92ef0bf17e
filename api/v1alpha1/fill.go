package v1alpha1

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/modelfn/modelfn/internal/object"
)

// fill puts what was read into a value of one of this package's types, as strictly
// as walk, where nothing is wrong and nothing is unusual. It is false otherwise, and
// the value half filled: Decode then does it the long way, which says what is wrong.
func fill(into reflect.Value, value any) bool {
	if own, ok := into.Addr().Interface().(json.Unmarshaler); ok {
		return fillOwn(own, value)
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return fill(into.Elem(), value)
	case reflect.Struct:
		m, ok := value.(object.Map)
		return ok && fillStruct(into, m)
	case reflect.Map:
		m, ok := value.(object.Map)
		return ok && fillMap(into, m)
	case reflect.Slice:
		l, ok := value.(object.List)
		return ok && fillSlice(into, l)
	case reflect.String:
		text, ok := value.(string)
		into.SetString(text)
		return ok
	case reflect.Bool:
		truth, ok := value.(bool)
		into.SetBool(truth)
		return ok
	case reflect.Int, reflect.Int32, reflect.Int64:
		number, ok := value.(json.Number)
		n, err := strconv.ParseInt(number.String(), 10, into.Type().Bits())
		into.SetInt(n)
		return ok && err == nil
	default:
		return false
	}
}

// fillOwn is for types with a spelling of their own.
func fillOwn(own json.Unmarshaler, value any) bool {
	switch v := value.(type) {
	case string:
		switch own := own.(type) {
		case *Bytes:
			return own.decode(v) == nil
		default:
			return own.UnmarshalJSON(strconv.AppendQuote(nil, v)) == nil
		}
	case json.Number:
		return own.UnmarshalJSON([]byte(v)) == nil
	}
	return false
}

func fillStruct(into reflect.Value, m object.Map) bool {
	fields := fieldsOf(into.Type())
	for _, f := range m {
		index, known := fields[f.Key]
		if !known || !fill(into.FieldByIndex(index), f.Value) {
			return false
		}
	}
	return true
}

// fillMap fills texts by name. Where a value's type depends on its name, as in a
// Predictor, the long way knows it.
func fillMap(into reflect.Value, m object.Map) bool {
	t := into.Type()
	if t.Elem().Kind() == reflect.Interface {
		return false
	}
	into.Set(reflect.MakeMapWithSize(t, len(m)))
	for _, f := range m {
		item := reflect.New(t.Elem()).Elem()
		if !fill(item, f.Value) {
			return false
		}
		into.SetMapIndex(reflect.ValueOf(f.Key).Convert(t.Key()), item)
	}
	return true
}

func fillSlice(into reflect.Value, l object.List) bool {
	into.Set(reflect.MakeSlice(into.Type(), len(l), len(l)))
	for i, item := range l {
		if !fill(into.Index(i), item) {
			return false
		}
	}
	return true
}

// fieldIndexes are where the fields of structs are, by type and JSON name.
var fieldIndexes sync.Map // of map[string][]int

func fieldsOf(t reflect.Type) map[string][]int {
	if known, ok := fieldIndexes.Load(t); ok {
		return known.(map[string][]int)
	}
	fields := map[string][]int{}
	for f := range t.Fields() {
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		if opts == "inline" {
			for name, below := range fieldsOf(f.Type) {
				fields[name] = append([]int{f.Index[0]}, below...)
			}
			continue
		}
		fields[name] = f.Index
	}
	known, _ := fieldIndexes.LoadOrStore(t, fields)
	return known.(map[string][]int)
}
