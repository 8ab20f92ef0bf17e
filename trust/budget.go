package trust

import (
	"fmt"

	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

const (
	// maxSteps bounds an evaluation: an unsealed platform comes with a pull request,
	// and a predicate from whoever may attest. A step is a node that is evaluated, a
	// value that a function looks at, or some bytes of a text. Steps are counted
	// before the work is done, and no clock is asked: a verdict must not depend on
	// how fast a machine is. (cel-go's own account is made after a call, and takes
	// quadratic time.)
	maxSteps = 1_000_000
	// maxAllSteps bounds all of them about one artifact.
	maxAllSteps = 4 * maxSteps
	// chunk is how many bytes of a text are a step.
	chunk = 16
)

// effort is how many steps evaluations about one artifact may still take.
type effort int

// enough tells whether one more evaluation may take all that one may.
func (left *effort) enough() error {
	if *left < maxSteps {
		return fmt.Errorf("the rules about this artifact cost too much: at most %d steps", maxAllSteps)
	}
	return nil
}

// decode pays for reading a statement, which each rule's attestation does anew:
// only one is held at a time.
func (left *effort) decode(payload []byte) (predicate, error) {
	if err := left.enough(); err != nil {
		return predicate{}, err
	}
	*left -= effort(min(maxSteps, len(payload)/4))
	return decodePredicate(payload)
}

// budget is what one evaluation may still do.
type budget struct {
	left int
	// longest is the length of the longest text so far, which may be a key.
	longest int
}

// spend ends the evaluation where nothing is left; cel-go makes an error of it.
func (b *budget) spend(steps int) {
	// What is negative did not fit.
	if steps < 0 || steps > b.left {
		b.left = 0
		panic(interpreter.EvalCancelledError{
			Cause: interpreter.CostLimitExceeded, Message: fmt.Sprintf("cost limit exceeded: it takes more than %d steps", maxSteps),
		})
	}
	b.left -= steps
}

// spendOn pays for looking at all of a value.
func (b *budget) spendOn(value any) {
	switch v := value.(type) {
	case string:
		b.spend(1 + len(v)/chunk)
	case types.String:
		b.spend(1 + len(v)/chunk)
	case types.Bytes:
		b.spend(1 + len(v)/chunk)
	case []any:
		b.spend(1 + len(v))
		for _, element := range v {
			b.spendOn(element)
		}
	case *ordered:
		b.spend(1 + len(v.keys))
		for _, key := range v.keys {
			b.spendOn(key)
			b.spendOn(v.Get(key))
		}
	case traits.Lister:
		if raw, ok := v.Value().([]any); ok {
			b.spendOn(raw)
			return
		}
		b.spend(1 + sizeOf(v))
		for it := v.Iterator(); it.HasNext() == types.True; {
			b.spendOn(it.Next())
		}
	case traits.Mapper:
		b.spend(1 + sizeOf(v))
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			b.spendOn(key)
			b.spendOn(v.Get(key))
		}
	case *types.Optional:
		b.spend(1)
		if v.HasValue() {
			b.spendOn(v.GetValue())
		}
	default:
		b.spend(1)
	}
}

// sizeOf is how many elements or bytes a value has at its top; 1 for a number.
func sizeOf(value ref.Val) int {
	switch v := value.(type) {
	case types.String:
		return len(v)
	case types.Bytes:
		return len(v)
	case traits.Sizer:
		n, _ := v.Size().(types.Int)
		return int(n)
	}
	return 1
}

// nested tells whether a value holds others.
func nested(value ref.Val) bool {
	switch value.(type) {
	case traits.Lister, traits.Mapper, *types.Optional:
		return true
	}
	return false
}

// price is how a function's arguments are paid for.
type price func(b *budget, args []ref.Val)

// flat: it does not look into lists and maps.
func flat(b *budget, args []ref.Val) {
	for _, arg := range args {
		if !nested(arg) {
			b.spendOn(arg)
		}
	}
}

// deep: it looks at all of each.
func deep(b *budget, args []ref.Val) {
	for _, arg := range args {
		b.spendOn(arg)
	}
}

// equal: it looks at all of both where both are as large.
func equal(b *budget, args []ref.Val) {
	switch l, r := args[0], args[1]; {
	case nested(l) && nested(r) && sizeOf(l) == sizeOf(r):
		deep(b, args)
	case !nested(l) && !nested(r):
		b.spend(1 + min(sizeOf(l), sizeOf(r))/chunk)
	}
}

// member: it looks at all of a list, and finds a key of a map at once.
func member(b *budget, args []ref.Val) {
	b.spendOn(args[0])
	if _, ok := args[1].(traits.Mapper); !ok {
		b.spendOn(args[1])
		return
	}
	b.spend(1 + b.longest/chunk)
}

// product: it compares each of one with each of the other.
func product(b *budget, args []ref.Val) {
	deep(b, args)
	largest := b.left + 1
	l, r := max(1, sizeOf(args[0])), max(1, sizeOf(args[1]))
	if l > largest/r {
		b.spend(largest)
	}
	// Elements that hold others are looked at once for each of the other side.
	if nested(args[0]) {
		for range l {
			b.spendOn(args[1])
		}
		for range r {
			b.spendOn(args[0])
		}
		return
	}
	b.spend(l * r / chunk)
}

// decoding: each of a text's bytes may become part of a value.
func decoding(b *budget, args []ref.Val) { b.spend(1 + sizeOf(args[0])) }

// prices are the functions that rules may use. Those are missing whose result can
// be much larger than what they are given, or that take long over little.
var prices = map[string]price{
	operators.Add: flat, operators.Subtract: flat, operators.Multiply: flat, operators.Divide: flat, operators.Modulo: flat, operators.Negate: flat,
	operators.Less: flat, operators.LessEquals: flat, operators.Greater: flat, operators.GreaterEquals: flat,
	operators.Equals: equal, operators.NotEquals: equal, operators.In: member,
	operators.LogicalAnd: flat, operators.LogicalOr: flat, operators.LogicalNot: flat, operators.Conditional: flat,
	operators.Index: flat, operators.OptIndex: flat, operators.OptSelect: flat, operators.NotStrictlyFalse: flat,

	"size": flat, "type": flat, "dyn": flat, "bool": flat, "int": flat, "uint": flat, "double": flat, "string": flat, "bytes": flat,
	"timestamp": flat, "duration": flat, "getDate": flat, "getDayOfMonth": flat, "getDayOfWeek": flat, "getDayOfYear": flat,
	"getFullYear": flat, "getHours": flat, "getMilliseconds": flat, "getMinutes": flat, "getMonth": flat, "getSeconds": flat,
	"optional.of": flat, "optional.none": flat, "optional.ofNonZeroValue": flat, "hasValue": flat, "value": flat, "or": flat, "orValue": flat,

	"startsWith": flat, "endsWith": flat, "contains": flat, "matches": flat, "lowerAscii": flat, "upperAscii": flat, "trim": flat,
	"substring": flat, "charAt": flat, "indexOf": product, "lastIndexOf": product,

	"sets.contains": product, "sets.equivalent": product, "sets.intersects": product, "slice": deep,
	"math.@max": deep, "math.@min": deep, "math.ceil": flat, "math.floor": flat, "math.round": flat, "math.trunc": flat,
	"math.isInf": flat, "math.isNaN": flat, "math.isFinite": flat, "math.abs": flat, "math.sign": flat,
	"math.bitAnd": flat, "math.bitOr": flat, "math.bitXor": flat, "math.bitNot": flat, "math.bitShiftLeft": flat, "math.bitShiftRight": flat,
	"math.sqrt": flat,

	unmarshalFunction: decoding,
}
