package host

import (
	"cmp"
	"errors"
	"slices"

	"sigs.k8s.io/kustomize/api/types"
)

// reading is a kustomization while kustomize builds it.
type reading struct {
	*layout
	// before is what there is when its fields (namePrefix, patches ...) apply, after
	// what there is at its end.
	before, after state
	// top: no other kustomization reads it.
	top bool
}

// models is how many there are at its end.
func (r reading) models() int { return len(r.after.raw) + len(r.after.expanded) }

// state is what became of ModelDeployments so far.
type state struct {
	// raw are those that no function has expanded.
	raw []declared
	// expanded are those that one has.
	expanded []expansion
}

// expansion is a ModelDeployment, which function expanded it, and the namespace
// that it had then.
type expansion struct {
	declared
	by        plugin
	namespace string
}

// expand runs modelfn, in a kustomization that sets this namespace.
func (s state) expand(by plugin, namespace string) state {
	out := state{expanded: slices.Clone(s.expanded)}
	for _, m := range s.raw {
		out.expanded = append(out.expanded, expansion{m, by, cmp.Or(namespace, m.GetNamespace())})
	}
	return out
}

// with is both, what they have in common once: what is read along two ways would
// double each time.
func (s state) with(other state) state {
	out := state{slices.Clone(s.raw), slices.Clone(s.expanded)}
	for _, m := range other.raw {
		if !slices.Contains(out.raw, m) {
			out.raw = append(out.raw, m)
		}
	}
	for _, e := range other.expanded {
		if !slices.ContainsFunc(out.expanded, func(known expansion) bool { return known.declared == e.declared }) {
			out.expanded = append(out.expanded, e)
		}
	}
	return out
}

// build goes through a kustomization in the order in which kustomize does, and
// yields each one it comes by: what is read before what reads it.
// https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/internal/target/kusttarget.go
type build struct {
	done     map[*layout]state
	active   map[*layout]bool
	under    map[*layout]bool
	readings []reading
}

// kustomization builds one, once: others begin with nothing of its reader's.
func (b *build) kustomization(l *layout) state {
	if s, known := b.done[l]; known {
		return s
	}
	if b.active[l] {
		l.bad = errors.New("it is read by what it reads")
		return state{}
	}
	b.active[l] = true
	s := b.run(l, state{}, map[*layout]bool{})
	b.done[l] = s
	return s
}

// run applies a kustomization, or a component to what its reader has. applied are
// the components that the reader applied.
func (b *build) run(l *layout, s state, applied map[*layout]bool) state {
	s.raw = slices.Concat(s.raw, l.deployments)
	for _, below := range l.resources {
		if below.Kind == types.ComponentKind {
			continue // kustomize refuses it
		}
		b.under[below] = true
		s = s.with(b.kustomization(below))
	}
	for _, p := range l.generators {
		if p.ours && isDeployment(p.KubeObject) {
			s = s.with(state{raw: []declared{p.declared}}.expand(p, ""))
		}
	}
	for _, below := range l.components {
		if b.under[below] = true; applied[below] {
			continue
		}
		applied[below] = true
		s = b.run(below, s, applied)
	}
	r := reading{layout: l, before: s}
	for _, p := range l.transformers {
		if p.ours {
			s = s.expand(p, l.Namespace)
		}
	}
	r.after = s
	b.readings = append(b.readings, r)
	return s
}

// tops marks the readings of what is built by itself.
func (b *build) tops() []reading {
	for i := range b.readings {
		r := &b.readings[i]
		r.top = !b.under[r.layout] && r.Kind != types.ComponentKind
	}
	return b.readings
}
