package trust

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

// budgetVariable is no name that an expression could have.
const budgetVariable = "#budget"

// evaluation is what an expression sees.
type evaluation struct {
	predicate *ordered
	budget    *budget
}

var _ cel.Activation = evaluation{}

func (e evaluation) ResolveName(name string) (any, bool) {
	switch name {
	case predicateVariable:
		return e.predicate, true
	case budgetVariable:
		return e.budget, true
	}
	return nil, false
}

func (e evaluation) Parent() cel.Activation { return nil }

// given is what a call sees: its arguments are evaluated already.
type given struct {
	cel.Activation
	args   []interpreter.Interpretable
	values []ref.Val
}

// value is an argument's, if it is one.
func (g given) value(arg interpreter.Interpretable) (ref.Val, bool) {
	for i := range g.args {
		if g.args[i] == arg {
			return g.values[i], true
		}
	}
	return nil, false
}

// pay takes a step for a node; given tells that it was evaluated before.
func pay(vars cel.Activation, node interpreter.Interpretable) (b *budget, done ref.Val, evaluated bool) {
	if g, ok := vars.(*given); ok {
		if done, evaluated = g.value(node); evaluated {
			return nil, done, true
		}
	}
	found, _ := vars.ResolveName(budgetVariable)
	b = found.(*budget)
	b.spend(1)
	return b, nil, false
}

// metered makes each node of a program pay.
func metered(i interpreter.Interpretable) (interpreter.Interpretable, error) {
	switch node := i.(type) {
	case interpreter.InterpretableConst, *paidNode, *paidAttribute, *paidCall:
		return i, nil
	case interpreter.InterpretableAttribute:
		return &paidAttribute{node}, nil
	case interpreter.InterpretableCall:
		pay, ok := prices[node.Function()]
		if !ok {
			return nil, fmt.Errorf("%s is no function of rules", node.Function())
		}
		// Time zones stand in files of the machine.
		if strings.HasPrefix(node.Function(), "get") && len(node.Args()) > 1 {
			return nil, fmt.Errorf("%s knows no time zone but UTC here", node.Function())
		}
		call := &paidCall{InterpretableCall: node, args: node.Args(), price: pay}
		if node.Function() == "matches" {
			return call, call.readPattern()
		}
		return call, nil
	case interpreter.InterpretableConstructor:
		return &paidNode{node, len(node.InitVals()), node.Type() == types.MapType}, nil
	}
	return &paidNode{i, 0, false}, nil
}

// paidNode is one that is no call: a list, a map, a macro's loop.
type paidNode struct {
	interpreter.Interpretable
	parts int
	keyed bool
}

func (n *paidNode) Eval(vars cel.Activation) ref.Val {
	b, done, ok := pay(vars, n)
	if ok {
		return done
	}
	b.spend(n.parts)
	value := n.Interpretable.Eval(vars)
	if n.keyed {
		b.spend(n.parts * (b.longest / chunk))
		if m, ok := value.(traits.Mapper); ok {
			return inOrder(m)
		}
	}
	return value
}

// paidAttribute is predicate.a.b, or a variable of a macro.
type paidAttribute struct {
	interpreter.InterpretableAttribute
}

func (a *paidAttribute) Eval(vars cel.Activation) ref.Val {
	if _, done, ok := pay(vars, a); ok {
		return done
	}
	return a.InterpretableAttribute.Eval(vars)
}

func (a *paidAttribute) Resolve(vars cel.Activation) (any, error) {
	if _, done, ok := pay(vars, a); ok {
		return done, nil
	}
	return a.InterpretableAttribute.Resolve(vars)
}

// Qualify is a look-up by a key that is computed, and may be long.
func (a *paidAttribute) Qualify(vars cel.Activation, object any) (any, error) {
	a.payKey(vars)
	return a.InterpretableAttribute.Qualify(vars, object)
}

func (a *paidAttribute) QualifyIfPresent(vars cel.Activation, object any, presenceOnly bool) (any, bool, error) {
	a.payKey(vars)
	return a.InterpretableAttribute.QualifyIfPresent(vars, object, presenceOnly)
}

func (a *paidAttribute) payKey(vars cel.Activation) {
	found, _ := vars.ResolveName(budgetVariable)
	b := found.(*budget)
	b.spend(1 + b.longest/chunk)
}

// paidCall evaluates its arguments, pays by their size, and only then calls.
type paidCall struct {
	interpreter.InterpretableCall
	args  []interpreter.Interpretable
	price price
	// pattern is what matches looks for, compiled once, and size its instructions.
	pattern *regexp.Regexp
	size    int
}

func (c *paidCall) Eval(vars cel.Activation) ref.Val {
	b, done, ok := pay(vars, c)
	if ok {
		return done
	}
	values := make([]ref.Val, len(c.args))
	for i, arg := range c.args {
		values[i] = arg.Eval(vars)
		// Most calls fail with their first argument; the others see an error, too.
		if types.IsUnknownOrError(values[i]) && c.Function() != operators.NotStrictlyFalse {
			return values[i]
		}
	}
	c.price(b, values)
	if text, ok := c.subject(values); ok {
		steps := (1 + len(text)) * c.size
		b.spend(1 + steps/chunk)
		return types.Bool(c.pattern.MatchString(text))
	}
	if joined, ok := c.join(b, values); ok {
		return joined
	}
	value := c.InterpretableCall.Eval(&given{vars, c.args, values})
	if text, ok := value.(types.String); ok {
		b.longest = max(b.longest, len(text))
	}
	return value
}

// join adds two lists. cel-go would only note that they belong together, and look
// for each element through all such notes.
func (c *paidCall) join(b *budget, values []ref.Val) (ref.Val, bool) {
	if c.Function() != operators.Add || len(values) != 2 {
		return nil, false
	}
	l, ok := values[0].(traits.Lister)
	r, also := values[1].(traits.Lister)
	if !ok || !also {
		return nil, false
	}
	if _, ok := l.(traits.MutableLister); ok {
		// The list that a macro makes grows where it is.
		b.spend(sizeOf(r))
		return nil, false
	}
	b.spend(sizeOf(l) + sizeOf(r))
	out := make([]ref.Val, 0, sizeOf(l)+sizeOf(r))
	for _, list := range []traits.Lister{l, r} {
		for it := list.Iterator(); it.HasNext() == types.True; {
			out = append(out, it.Next())
		}
	}
	return types.NewRefValList(types.DefaultTypeAdapter, out), true
}

// maxPattern bounds the instructions of a regular expression, of which repetitions
// make many.
const maxPattern = 1000

// readPattern compiles what matches looks for, which must stand in the rule: else
// nobody would know what it costs.
func (c *paidCall) readPattern() error {
	var text types.String
	if constant, ok := c.args[len(c.args)-1].(interpreter.InterpretableConst); ok {
		text, ok = constant.Value().(types.String)
		if !ok {
			return nil
		}
	} else {
		return errors.New("what matches looks for must be written in the rule")
	}
	parsed, err := syntax.Parse(string(text), syntax.Perl)
	// What is wrong with it is said by the call.
	if err == nil {
		if c.size = instructions(parsed); c.size > maxPattern {
			return fmt.Errorf("what matches looks for is too large: at most %d parts, repetitions counted", maxPattern)
		}
		c.pattern, err = regexp.Compile(string(text))
	}
	if err != nil {
		c.pattern = nil
	}
	return nil
}

// instructions are those of a regular expression, about.
func instructions(r *syntax.Regexp) int {
	n := 1 + len(r.Rune)/2
	for _, sub := range r.Sub {
		n = min(n+instructions(sub), maxPattern+1)
	}
	if r.Op == syntax.OpRepeat {
		n *= max(1, r.Min, r.Max)
	}
	return min(n, maxPattern+1)
}

// subject is the text that a pattern is looked for in.
func (c *paidCall) subject(values []ref.Val) (string, bool) {
	if c.pattern == nil {
		return "", false
	}
	text, ok := values[0].(types.String)
	return string(text), ok
}
