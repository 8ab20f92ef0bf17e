package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the tables of docs/ instead of comparing them")

const (
	agreementPage  = "../docs/policy.md"
	agreementBegin = "<!-- What each judge says, written by `make generate-e2e`. -->\n"
	agreementEnd   = "<!-- End of what each judge says. -->\n"
)

// opinion is what one judge says of a dispute.
type opinion struct {
	admitted, silent bool
	// reason is a part of the message that refuses.
	reason string
	// note says why it is another opinion than the platform's trust, or none.
	note string
}

func yes(note ...string) opinion { return opinion{admitted: true, note: strings.Join(note, " ")} }

func no(reason string, note ...string) opinion {
	return opinion{reason: reason, note: strings.Join(note, " ")}
}

func silent(note string) opinion { return opinion{silent: true, note: note} }

// TestJudgesAgree puts the same artifacts and objects before each of those that
// judge models by one platform. They say the same, or the difference stands in
// docs/policy.md with its reason.
func TestJudgesAgree(t *testing.T) {
	c, disputes := convene(t)
	defer c.close(t)
	t.Run("judges", func(t *testing.T) {
		for _, d := range disputes {
			t.Run(strings.ReplaceAll(d.name, ",", ""), func(t *testing.T) { // Kyverno's CLI splits paths at commas
				t.Parallel() // each waits for programs
				for name := range d.opinions {
					if !slices.ContainsFunc(judgesOfModels, func(j modelJudge) bool { return j.name == name }) {
						t.Errorf("an opinion of %q, who is no judge", name)
					}
				}
				for _, j := range judgesOfModels {
					j.hear(t, c, d)
				}
			})
		}
	})
	if !t.Failed() {
		agreed(t, disputes)
	}
}

// hear compares what a judge says with what the table says that it does.
func (j modelJudge) hear(t *testing.T, c court, d dispute) {
	t.Helper()
	want := j.of(t, d)
	if differs := want.silent || want.admitted != d.trusted; differs != (want.note != "") {
		t.Errorf("%s: it differs: %t, and its note is %q", j.name, differs, want.note)
	}
	if want.silent {
		return
	}
	if want.admitted != (want.reason == "") {
		t.Errorf("%s: admitted: %t, by reason %q", j.name, want.admitted, want.reason)
	}
	admitted, said := j.ask(c, t, d)
	if admitted != want.admitted || !strings.Contains(said, want.reason) {
		t.Errorf("%s: admitted: %t, want %t by %q\n%s", j.name, admitted, want.admitted, want.reason, said)
	}
}

// of is a judge's opinion, its own or that of whom it follows.
func (j modelJudge) of(t *testing.T, d dispute) opinion {
	t.Helper()
	for _, name := range []string{j.name, j.like} {
		if o, ok := d.opinions[name]; ok {
			return o
		}
	}
	t.Fatalf("%s: no opinion of %q", j.name, d.name)
	return opinion{}
}

// agreed compares the table in docs/policy.md with what was just heard, or writes
// it.
func agreed(t *testing.T, disputes []dispute) {
	t.Helper()
	page := read(t, agreementPage)
	before, rest, begins := strings.Cut(page, agreementBegin)
	_, after, ends := strings.Cut(rest, agreementEnd)
	if !begins || !ends {
		t.Fatalf("%s has no place for the table between %q and %q", agreementPage, agreementBegin, agreementEnd)
	}
	want := before + agreementBegin + agreementTable(t, disputes) + agreementEnd + after
	if *update {
		if err := os.WriteFile(agreementPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, page); diff != "" {
		t.Errorf("%s is stale, run `make generate-e2e` (-want +got):\n%s", agreementPage, diff)
	}
}

// agreementTable is one row for each dispute, and the notes in their order.
func agreementTable(t *testing.T, disputes []dispute) string {
	t.Helper()
	var out strings.Builder
	out.WriteString("\n|")
	for _, j := range judgesOfModels {
		out.WriteString(" | " + j.name)
	}
	out.WriteString(" |\n|" + strings.Repeat("---|", len(judgesOfModels)+1) + "\n")
	var notes []string
	for _, d := range disputes {
		out.WriteString("| " + d.name)
		for _, j := range judgesOfModels {
			o := j.of(t, d)
			text := map[bool]string{true: "admitted", false: "refused"}[o.admitted]
			if o.silent {
				text = "—"
			}
			if o.note != "" {
				if !slices.Contains(notes, o.note) {
					notes = append(notes, o.note)
				}
				text += fmt.Sprintf(" (%d)", 1+slices.Index(notes, o.note))
			}
			out.WriteString(" | " + text)
		}
		out.WriteString(" |\n")
	}
	out.WriteString("\n")
	for i, note := range notes {
		fmt.Fprintf(&out, "%d. %s\n", i+1, note)
	}
	return out.String() + "\n"
}
