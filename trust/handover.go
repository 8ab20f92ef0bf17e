package trust

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	celast "github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// elsewhere is our environment with what Kyverno's adds to it: all values of a
// literal are of one type.
var elsewhere = sync.OnceValues(func() (*cel.Env, error) {
	env, err := environment()
	if err != nil {
		return nil, err
	}
	return env.Extend(cel.HomogeneousAggregateLiterals())
})

// shared are the functions that mean the same in Kyverno, which has newer and
// larger libraries. Not in it are json.unmarshal, which is ours, and indexOf and
// lastIndexOf, which look into lists there.
var shared = append([]string{
	operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional, operators.NotStrictlyFalse,
	operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
	operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo, operators.Negate,
	operators.In, operators.Index, operators.OptIndex, operators.OptSelect,
	"size", "contains", "startsWith", "endsWith", "matches", "lowerAscii", "upperAscii", "trim", "substring", "charAt", "slice",
	"int", "uint", "double", "string", "bool", "dyn", "timestamp", "duration",
	"optional.of", "optional.none", "optional.ofNonZeroValue",
}, ofOptional...)

// ofOptional are functions of optional values. Ours take others, too, Kyverno's
// newer ones do not.
var ofOptional = []string{"or", "orValue", "hasValue", "value"}

// portable says why Kyverno would not evaluate an expression to the same; nil if
// it does.
func portable(text string) error {
	env, err := elsewhere()
	if err != nil {
		return err
	}
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return fmt.Errorf("it does not compile there: %s", oneLine(issues.Errors()[0].Message))
	}
	native := ast.NativeRep()
	return travels{native}.visit(native.Expr(), false)
}

// travels looks through a checked expression for what is not the same elsewhere.
type travels struct{ ast *celast.AST }

// visit looks at a part of it; unordered tells that nobody asks in which order a
// list comes.
func (t travels) visit(e celast.Expr, unordered bool) error {
	switch e.Kind() {
	case celast.CallKind:
		return t.call(e.AsCall())
	case celast.ComprehensionKind:
		c := e.AsComprehension()
		// map and filter gather a list; all, exists and exists_one do not.
		gathers := c.AccuInit().Kind() == celast.ListKind
		if gathers && !unordered {
			return fmt.Errorf("what map and filter make of an object's keys comes in any order there: ask for its size(), or whether something is in it")
		}
		if err := t.visit(c.IterRange(), true); err != nil {
			return err
		}
		return t.all(c.LoopCondition(), c.LoopStep(), c.Result())
	}
	return t.all(children(e)...)
}

func (t travels) call(c celast.CallExpr) error {
	name := c.FunctionName()
	sets := strings.HasPrefix(name, "sets.")
	if !sets && !strings.HasPrefix(name, "math.") && !slices.Contains(shared, name) {
		return fmt.Errorf("%s is another function there, or none", name)
	}
	if c.IsMemberFunction() {
		of := c.Target()
		if slices.Contains(ofOptional, name) && t.ast.GetType(of.ID()).TypeName() != types.OptionalType.TypeName() {
			return fmt.Errorf("%s is of optional values only there: write ?. or [?] before it", name)
		}
		if err := t.visit(of, name == "size"); err != nil {
			return err
		}
	}
	for i, arg := range c.Args() {
		if err := t.visit(arg, sets || name == "size" || name == operators.In && i == 1); err != nil {
			return err
		}
	}
	return nil
}

func (t travels) all(parts ...celast.Expr) error {
	for _, e := range parts {
		if err := t.visit(e, false); err != nil {
			return err
		}
	}
	return nil
}
