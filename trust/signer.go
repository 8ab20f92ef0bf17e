package trust

import "slices"

// signer is who made a signature: a key, and where a certificate says so, whose
// key it was.
type signer struct{ key, issuer, subject string }

// same tells whether two signatures were made by one party: with one key in
// whatever form, or as one identity.
func (s signer) same(other signer) bool {
	return s.key == other.key || s.issuer != "" && s.issuer == other.issuer && s.subject == other.subject
}

// parties numbers the distinct signers behind the votes. Who is the same as
// somebody who is the same as a third is that third, too.
func parties(votes []vote) []int {
	party := make([]int, len(votes))
	for i := range votes {
		party[i] = i
		for j := range i {
			if votes[i].signer.same(votes[j].signer) && party[i] != party[j] {
				from, to := party[i], party[j]
				for k := range i + 1 {
					if party[k] == from {
						party[k] = to
					}
				}
			}
		}
	}
	return party
}

// elect pairs authorities with signers, each with one of its own, as many as
// can be: two authorities that one signer satisfies count once, and so do two
// signers for one authority. The result is in the authorities' order.
func elect(authorities []Authority, votes []vote) []Signer {
	party := parties(votes)
	held := map[int]int{} // authority by party
	var pair func(authority int, tried map[int]bool) bool
	pair = func(authority int, tried map[int]bool) bool {
		for i, v := range votes {
			if v.authority != authority || tried[party[i]] {
				continue
			}
			tried[party[i]] = true
			if other, taken := held[party[i]]; !taken || pair(other, tried) {
				held[party[i]] = authority
				return true
			}
		}
		return false
	}
	for i := range authorities {
		pair(i, map[int]bool{})
	}
	var out []Signer
	for i, authority := range authorities {
		for p := range votes {
			if holder, taken := held[p]; taken && holder == i {
				v := bestOf(votes, party, i, p)
				out = append(out, Signer{authority, v.format, v.hash})
			}
		}
	}
	return out
}

// bestOf is a party's vote for an authority by which an admission engine can best
// verify it. One is confused by a stranger's bundle beside a legacy signature, not
// the other way round: prefer the bundle. A signature over files it cannot check.
func bestOf(votes []vote, party []int, authority, p int) vote {
	var best vote
	for i, v := range votes {
		if v.authority == authority && party[i] == p && (best.format == "" || preference(v.format) > preference(best.format)) {
			best = v
		}
	}
	return best
}

// preference orders the formats of what one authority signed.
func preference(f Format) int {
	return slices.Index([]Format{ModelSigning, Legacy, Bundle}, f)
}
