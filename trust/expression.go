package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	celast "github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/ext"
)

// expression is CEL over `predicate`.
type expression struct {
	text    string
	program cel.Program
	// reads are the parts of the predicate that it looks at, to explain it.
	reads [][]string
	// stays says why Kyverno would not evaluate it to the same; nil if it does.
	stays error
}

const (
	predicateVariable = "predicate"
	unmarshalFunction = "json.unmarshal"
	// maxNodes and maxTreeDepth bound an expression's tree, macros expanded, before it
	// is checked: checking and planning take much longer than reading.
	maxNodes     = 500
	maxTreeDepth = 32
	// maxBrackets bounds what is read at all: reading takes longer with each.
	maxBrackets = 24
)

// environment is what expressions may use: Kubernetes' language without its own
// libraries. It is made when the first rule is compiled. There is no clock in it.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable(predicateVariable, cel.MapType(cel.StringType, cel.DynType)),
		// Numbers in JSON are doubles, and rules are written with whole ones.
		cel.CrossTypeNumericComparisons(true),
		cel.OptionalTypes(),
		// Those of optional values write what stands before them twice.
		cel.ClearMacros(), cel.Macros(cel.StandardMacros...),
		cel.DefaultUTCTimeZone(true),
		ext.Strings(ext.StringsVersion(0)), ext.Lists(ext.ListsVersion(0)), ext.Sets(), ext.Math(),
		// cosign wraps a predicate of type custom into a text.
		cel.Function(unmarshalFunction, cel.Overload("json_unmarshal_string", []*cel.Type{cel.StringType}, cel.DynType,
			cel.UnaryBinding(unmarshal))),
	)
})

func unmarshal(text ref.Val) ref.Val {
	out, err := decodeJSON([]byte(fmt.Sprint(text.Value())))
	if err != nil {
		return types.NewErr("%s: %v", unmarshalFunction, err)
	}
	return types.DefaultTypeAdapter.NativeToValue(out)
}

// compileExpression compiles; the result has one of the types, or is only known
// when it is evaluated.
func compileExpression(text string, want *cel.Type) (expression, error) {
	env, err := environment()
	if err != nil {
		return expression{}, err
	}
	if deepBrackets(text) {
		return expression{}, fmt.Errorf("%.40q...: brackets stand in each other more than %d deep", text, maxBrackets)
	}
	ast, issues := env.Parse(text)
	if issues.Err() == nil {
		if nodes, depth := measure(ast.NativeRep().Expr()); nodes > maxNodes || depth > maxTreeDepth {
			return expression{}, fmt.Errorf("%.40q...: it is too large: at most %d parts, %d deep", text, maxNodes, maxTreeDepth)
		}
		ast, issues = env.Check(ast)
	}
	if issues.Err() != nil {
		first := issues.Errors()[0]
		return expression{}, fmt.Errorf("%q: at %d:%d: %s", text, first.Location.Line(), first.Location.Column()+1, strings.ReplaceAll(first.Message, " (in container '')", ""))
	}
	if got := ast.OutputType(); !got.IsExactType(want) && !got.IsExactType(cel.DynType) {
		return expression{}, fmt.Errorf("%q is a %s, not a %s", text, got, want)
	}
	program, err := env.Program(ast, cel.CustomDecorator(metered))
	if err != nil {
		return expression{}, fmt.Errorf("%q: %w", text, err)
	}
	return expression{text, program, reads(ast.NativeRep().Expr()), portable(text)}, nil
}

// deepBrackets counts brackets, those in texts too.
func deepBrackets(text string) bool {
	depth := 0
	for _, r := range text {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
		if depth > maxBrackets {
			return true
		}
	}
	return false
}

// measure counts the parts of an expression, and how deep they stand in each
// other.
func measure(e celast.Expr) (nodes, depth int) {
	nodes = 1
	for _, child := range children(e) {
		n, d := measure(child)
		nodes, depth = nodes+n, max(depth, d)
	}
	return nodes, depth + 1
}

// evaluate yields the value over a predicate.
func (e expression) evaluate(p predicate, left *effort) (any, error) {
	if err := left.enough(); err != nil {
		return nil, err
	}
	b := &budget{left: maxSteps, longest: p.longest}
	value, _, err := e.program.Eval(evaluation{p.values, b})
	*left -= effort(maxSteps - b.left)
	if err != nil {
		return nil, err
	}
	return value.Value(), nil
}

// holds says why the expression is not true: what it is instead, and what it
// looked at.
func (e expression) holds(p predicate, left *effort) error {
	value, err := e.evaluate(p, left)
	switch {
	case err == nil && value == true:
		return nil
	case err == nil && value == false:
		err = errors.New("is false")
	case err == nil:
		err = fmt.Errorf("is %s, not true or false", shown(value))
	default:
		err = fmt.Errorf("cannot be evaluated: %w", err)
	}
	return fmt.Errorf("rule %q %w%s", e.text, err, e.found(p.values))
}

// found are the values that the expression looks at.
func (e expression) found(values *ordered) string {
	var b strings.Builder
	for i, path := range e.reads {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		b.WriteString(sep + lookUp(values, path))
	}
	return b.String()
}

// lookUp shows the value at a path, or where the path ends.
func lookUp(values *ordered, path []string) string {
	var at any = values
	name := predicateVariable
	for _, key := range path {
		object, ok := at.(*ordered)
		var next any
		var found bool
		if ok {
			next, found = object.native()[key]
		}
		if !found {
			return fmt.Sprintf("%s has no %s", name, key)
		}
		at, name = next, name+"."+key
	}
	return fmt.Sprintf("%s is %s", name, shown(at))
}

// maxShown bounds a value in a message: a predicate may have a megabyte.
const maxShown = 100

func shown(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("a %T", value)
	}
	text := []rune(string(raw))
	if len(text) > maxShown {
		text = append(text[:maxShown], []rune("...")...)
	}
	return string(text)
}

// maxReads bounds how many values a message shows.
const maxReads = 8

// reads are the longest paths into the predicate in an expression, in the order
// in which they stand there.
func reads(root celast.Expr) [][]string {
	var out [][]string
	var visit func(celast.Expr)
	visit = func(e celast.Expr) {
		if path, ok := pathOf(e); ok {
			if len(path) > 0 && len(out) < maxReads && !slices.ContainsFunc(out, func(p []string) bool { return slices.Equal(p, path) }) {
				out = append(out, path)
			}
			return
		}
		for _, child := range children(e) {
			visit(child)
		}
	}
	visit(root)
	return out
}

// pathOf reads predicate.a.b, predicate["a"] and predicate.?a.
func pathOf(e celast.Expr) ([]string, bool) {
	switch e.Kind() {
	case celast.IdentKind:
		return nil, e.AsIdent() == predicateVariable
	case celast.SelectKind:
		path, ok := pathOf(e.AsSelect().Operand())
		return append(path, e.AsSelect().FieldName()), ok
	case celast.CallKind:
		call := e.AsCall()
		if name := call.FunctionName(); name != operators.Index && name != operators.OptIndex && name != operators.OptSelect {
			return nil, false
		}
		key, ok := call.Args()[1].AsLiteral().(types.String)
		if !ok {
			return nil, false
		}
		path, ok := pathOf(call.Args()[0])
		return append(path, string(key)), ok
	}
	return nil, false
}

// children are the parts of an expression.
func children(e celast.Expr) []celast.Expr {
	switch e.Kind() {
	case celast.SelectKind:
		return []celast.Expr{e.AsSelect().Operand()}
	case celast.CallKind:
		out := slices.Clone(e.AsCall().Args())
		if e.AsCall().IsMemberFunction() {
			out = append([]celast.Expr{e.AsCall().Target()}, out...)
		}
		return out
	case celast.ListKind:
		return e.AsList().Elements()
	case celast.ComprehensionKind:
		c := e.AsComprehension()
		return []celast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()}
	case celast.MapKind:
		var out []celast.Expr
		for _, e := range e.AsMap().Entries() {
			out = append(out, e.AsMapEntry().Key(), e.AsMapEntry().Value())
		}
		return out
	case celast.StructKind:
		var out []celast.Expr
		for _, f := range e.AsStruct().Fields() {
			out = append(out, f.AsStructField().Value())
		}
		return out
	}
	return nil
}
