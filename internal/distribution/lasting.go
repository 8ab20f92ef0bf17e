package distribution

// lasting is a reason of our own for which a request fails: it holds nothing
// that came from elsewhere, and trying again would not help.
type lasting string

func (l lasting) Error() string { return string(l) }
