// Package pattern holds regular expressions that are compiled when they are first
// used. A render starts a process for each directory and needs few of those that
// there are; to compile all of them took longer than all the rest of a start.
package pattern

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression (RE2).
type Pattern struct {
	text    string
	compile func() *regexp.Regexp
}

// New is the pattern of an expression. One that does not compile panics where it is
// first used; a test compiles all of this module's.
func New(expression string) *Pattern {
	return &Pattern{expression, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}
}

// String is the expression.
func (p *Pattern) String() string { return p.text }

// MatchString tells whether the text holds a match.
func (p *Pattern) MatchString(text string) bool { return p.compile().MatchString(text) }

// Find is the first match in the bytes, nil if there is none.
func (p *Pattern) Find(text []byte) []byte { return p.compile().Find(text) }

// FindString is the first match in the text.
func (p *Pattern) FindString(text string) string { return p.compile().FindString(text) }

// FindAllStringIndex are where the first n matches in the text begin and end, all if n
// is negative.
func (p *Pattern) FindAllStringIndex(text string, n int) [][]int {
	return p.compile().FindAllStringIndex(text, n)
}

// ReplaceAllString is the text with each match replaced by another text.
func (p *Pattern) ReplaceAllString(text, by string) string {
	return p.compile().ReplaceAllString(text, by)
}

// ReplaceAllStringFunc is the text with each match replaced by what is made of it.
func (p *Pattern) ReplaceAllStringFunc(text string, made func(string) string) string {
	return p.compile().ReplaceAllStringFunc(text, made)
}
