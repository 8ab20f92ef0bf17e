package trust_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

// judged is the verdict on a model whose scanner attests a predicate.
func judged(t *testing.T, predicate string, rules ...string) trust.Verdict {
	t.Helper()
	a := pin(t, repository, kit)
	says := testsign.Says{PredicateType: evaluation, Predicate: predicate}
	return compile(t, attesting(authority("scanner", scanner), evaluation, rules...)).
		Verify(a, list(release.Bundle(kit.Digest()), scanner.Attest(kit.Digest(), says)))
}

// times writes a JSON list of n equal elements.
func times(n int, element string) string {
	return "[" + strings.Repeat(element+",", n-1) + element + "]"
}

// TestRuleHasAnEnd: whatever a rule does with a predicate, it is refused for a
// bound that does not depend on the machine.
func TestRuleHasAnEnd(t *testing.T) {
	const steps = "cost limit exceeded: it takes more than 1000000 steps"
	numbers := `{"l":` + times(20_000, "1") + `,"n":[` + times(2000, "1") + `],"m":[` + times(2000, "1") + `],"s":"` + strings.Repeat("a", 200_000) + `"`
	for name, test := range map[string]struct{ predicate, rule, want string }{
		"nested loops":       {numbers + `}`, `predicate.l.all(x, predicate.l.all(y, true))`, steps},
		"equal lists":        {numbers + `}`, `predicate.l.all(x, predicate.n == predicate.m)`, steps},
		"member of a list":   {numbers + `}`, `predicate.l.all(x, !(2 in predicate.l))`, steps},
		"one set in another": {numbers + `}`, `sets.contains(predicate.l, predicate.l)`, steps},
		"equal sets":         {numbers + `}`, `sets.equivalent(predicate.l, predicate.l)`, steps},
		"list of lists":      {numbers + `}`, `[predicate.l]` + strings.Repeat(`.map(x, [x,x,x,x,x,x,x,x])`, 5) + ` != [predicate.l]` + strings.Repeat(`.map(x, [x,x,x,x,x,x,x,x])`, 5), steps},
		"lists added":        {numbers + `}`, `[predicate.l]` + strings.Repeat(`.map(x, x + x)`, 8) + `.size() > 0`, steps},
		"texts added":        {numbers + `}`, `[predicate.s]` + strings.Repeat(`.map(x, x + x)`, 8) + `.size() > 0`, steps},
		"text in text":       {numbers + `}`, `predicate.s.indexOf(predicate.s.substring(100000) + "b") < 0`, steps},
		"long texts":         {numbers + `}`, `predicate.l.all(x, predicate.s.lowerAscii() != "")`, steps},
		"long patterns":      {numbers + `}`, `predicate.s.matches("(a|aa|aaa|aaaa){0,20}(a|b|c){0,20}d$") || true`, steps},
		"long key":           {numbers + `}`, `predicate.l.all(x, !has(predicate[predicate.s].a) || true)`, steps},
		"key of a map":       {numbers + `}`, `predicate.l.all(x, {predicate.s: 1}.size() == 1)`, steps},
		"text to a number":   {numbers + `}`, `predicate.l.all(x, int(predicate.s) == 1 || true)`, steps},
		"decoding":           {`{"Data":"` + times(20_000, "1") + `","l":` + times(1000, "1") + `}`, `predicate.l.all(x, json.unmarshal(predicate.Data) != null)`, steps},
		"decoding much":      {`{"Data":"` + times(100_000, "[]") + `"}`, `json.unmarshal(predicate.Data) != null`, "json.unmarshal: it has more than 50000 JSON values"},
		"decoding deep":      {`{"Data":"` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `"}`, `json.unmarshal(predicate.Data) != null`, "json.unmarshal: its JSON values stand in each other more than 64 deep"},
		"decoding a key twice": {
			`{"Data":"{\"auc\":0.1,\"auc\":0.99}"}`, `json.unmarshal(predicate.Data).auc >= 0.92`, `json.unmarshal: it has the key "auc" twice`,
		},
		"decoding two values": {`{"Data":"{\"auc\":0.99} {}"}`, `json.unmarshal(predicate.Data).auc >= 0.92`, "json.unmarshal: there is more after the value"},
		"decoding 1e400":      {`{"Data":"{\"auc\":1e400}"}`, `json.unmarshal(predicate.Data).auc >= 0.92`, "json.unmarshal: the number 1e400 is too large"},
		"many numbers":        {`{"f":` + times(50_000, "0") + `}`, `predicate.f.all(f, f.severity != "HIGH")`, "it has more than 50000 JSON values"},
		"many lists":          {`{"f":` + times(25_000, "[]") + `}`, `true`, "it has more than 50000 JSON values"},
		"deep lists":          {`{"d":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`, `predicate.d == predicate.d`, "its JSON values stand in each other more than 64 deep"},
		"large number":        {`{"n":` + strings.Repeat("9", 30) + `}`, `predicate.n > 1`, "the number 999999999999999999999999999999 is too large"},
	} {
		t.Run(name, func(t *testing.T) {
			if v := judged(t, test.predicate, test.rule); v.Trusted(pin(t, repository, kit)) || !strings.Contains(v.Reason(), test.want) {
				t.Errorf("trusted %t, want %q: %s", v.Attested(), test.want, v.Reason())
			}
		})
	}
}

// TestBoundedInEitherFormat: what is too large is refused before it is decoded,
// and whoever signed it.
func TestBoundedInEitherFormat(t *testing.T) {
	many := testsign.Says{PredicateType: evaluation, Predicate: `{"f":` + times(50_000, "0") + `}`}
	a := pin(t, repository, kit)
	for name, e := range map[string]artifact.Evidence{
		"bundle": scanner.Attest(kit.Digest(), many), "legacy": scanner.LegacyAttest(kit.Digest(), many), "stranger": mallory.Attest(kit.Digest(), many),
	} {
		v := compile(t, attesting(authority("scanner", scanner), evaluation)).Verify(a, list(release.Bundle(kit.Digest()), e))
		if v.Attested() || !strings.Contains(v.Reason(), "it has more than 50000 JSON values") {
			t.Errorf("%s: attested %t: %s", name, v.Attested(), v.Reason())
		}
	}
}

// TestRulesThatHold: the bounds leave room for reports as they are, and each
// function says what it should.
func TestRulesThatHold(t *testing.T) {
	findings := `{"f":` + times(20_000, `{"severity":"LOW"}`) + `}`
	for _, test := range [][2]string{
		{findings, `predicate.f.all(f, f.severity != "HIGH")`},
		{findings, `!predicate.f.exists(f, f.severity == "HIGH")`},
		{findings, `predicate.f.filter(f, f.severity == "HIGH").size() == 0`},
		{findings, `predicate.f.map(f, f.severity).size() == 20000`},
		{findings, `predicate.f.all(f, f.severity in ["LOW", "NONE"] && f.severity.matches("^[A-Z]+$"))`},
		{`{"m":{"c":1,"a":2,"b":3}}`, `predicate.m.map(k, k) == ["a","b","c"] && predicate.m.all(k, predicate.m[k] > 0)`},
		{`{"m":{"c":1,"a":2,"b":3}}`, `predicate.m == {"a":2,"b":3,"c":1} && "a" in predicate.m && !("d" in predicate.m) && predicate.m.size() == 3`},
		{`{"l":[1,2]}`, `predicate.l + [3] == [1,2,3] && (predicate.l + predicate.l)[3] == 2 && [] + predicate.l == predicate.l`},
		{`{"l":[1,2]}`, `predicate.l.map(x, x > 1, x * 2.0) == [4.0] && predicate.l.exists_one(x, x == 1) && predicate.l.slice(0, 1) == [1]`},
		{`{"l":[1,2]}`, `sets.contains(predicate.l, [1]) && !sets.intersects(predicate.l, [3]) && sets.equivalent(predicate.l, [2,1])`},
		{`{"l":[1,2]}`, `math.greatest(predicate.l) == 2 && math.least(1, 2) == 1`},
		{`{"s":" Abc "}`, `predicate.s.trim().lowerAscii() == "abc" && predicate.s.indexOf("bc") == 2 && predicate.s.contains("b") && predicate.s.substring(1, 2) == "A"`},
		{`{"s":"x"}`, `predicate.?a.?b.orValue("x") == "x" && predicate.?s.hasValue() && optional.none().orValue(1) == 1 && predicate.?a.or(optional.of(1)).value() == 1`},
		{`{"s":"x"}`, `has(predicate.s) && !has(predicate.t) && (has(predicate.t) ? predicate.t : predicate.s) == "x" && predicate[predicate.s + "y" == "xy" ? "s" : "t"] == "x"`},
		{`{"s":"2026-01-02T03:04:05Z"}`, `timestamp(predicate.s) < timestamp("2027-01-01T00:00:00Z") && timestamp(predicate.s).getFullYear() == 2026`},
		{`{"n":null,"b":true}`, `predicate.n == null && predicate.b && (predicate.missing == 1 || true)`},
		// Whole numbers are exact, however large.
		{`{"n":9007199254740993}`, `predicate.n == 9007199254740993 && predicate.n != 9007199254740992 && string(predicate.n) == "9007199254740993"`},
		{`{"n":-9007199254740993,"u":18446744073709551615}`, `predicate.n < 0 && predicate.n == -9007199254740993 && predicate.u == 18446744073709551615u`},
		{`{"n":12345678901}`, `string(int(predicate.n)) == "12345678901" && predicate.n / 2.0 > 1.0`},
		{`{"Data":"{\"n\":9007199254740993,\"m\":{\"a\":[1]}}"}`, `json.unmarshal(predicate.Data).n == 9007199254740993 && json.unmarshal(predicate.Data).m.a[0] == 1`},
	} {
		if v := judged(t, test[0], test[1]); !v.Attested() {
			t.Errorf("%s over %.50s: %s", test[1], test[0], v.Reason())
		}
	}
}

// TestRuleIsDeterministic: the order of a map's keys is the same each time, and so
// is what a rule costs that ends with the first.
func TestRuleIsDeterministic(t *testing.T) {
	var keys []string
	for i := range 300 {
		keys = append(keys, fmt.Sprintf(`"k%03d":%d`, i, i))
	}
	predicate := `{"m":{` + strings.Join(keys, ",") + `},"l":` + times(20_000, "1") + `}`
	for range 5 {
		if v := judged(t, predicate, `predicate.m.exists(k, predicate.l.all(x, x == 2) || k == "k000")`, `{"b":1,"a":2}.map(k, k)[0] == "a"`); !v.Attested() {
			t.Error(v.Reason())
		}
	}
}

// TestExpressionRefused: an expression that nobody could check, or that does what
// rules may not, is an error of the platform.
func TestExpressionRefused(t *testing.T) {
	nest := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	const brackets, large = "brackets stand in each other more than 24 deep", "it is too large: at most 500 parts, 32 deep"
	for name, test := range map[string][2]string{
		"nested macros":      {nest("[1].map(x,", "1", ")", 200) + " == []", brackets},
		"nested optionals":   {nest("optional.of(", "1", ")", 240) + ".hasValue()", brackets},
		"nested macros, few": {nest("[1].map(x,", "1", ")", 20) + " == []", large},
		"chained macros":     {"predicate.a" + strings.Repeat(".map(x, x)", 40) + " == []", large},
		"long chain":         {"predicate" + strings.Repeat(".a", 40), large},
		"many parts":         {strings.Repeat("predicate.a || ", 300) + "true", large},
		"long list":          {"predicate.a in [" + strings.Repeat("1,", 500) + "1]", large},
		"long map":           {"predicate.a == {" + strings.Repeat("1:1,", 250) + "2:2}", large},
		"optMap":             {"predicate.?a" + strings.Repeat(".optMap(x, x)", 3) + ".hasValue()", "undeclared reference to 'optMap'"},
		"replace":            {`predicate.s` + strings.Repeat(`.replace("a","aaaaaaaaaa")`, 8) + `.size() > 0`, "replace is no function of rules"},
		"split":              {`predicate.s.split("").size() > 0`, "split is no function of rules"},
		"join":               {`["a"].join("") == "a"`, "join is no function of rules"},
		"format":             {`"%.2000000000f".format([predicate.x]) == ""`, "undeclared reference to 'format'"},
		"range":              {`lists.range(100000000).size() > 0`, "undeclared reference to 'lists'"},
		"distinct":           {`predicate.l.distinct().size() > 0`, "undeclared reference to 'distinct'"},
		"sort":               {`predicate.l.sort().size() > 0`, "undeclared reference to 'sort'"},
		"flatten":            {`predicate.l.flatten().size() > 0`, "undeclared reference to 'flatten'"},
		"pattern, large":     {`predicate.s.matches("(a{100}){10}")`, "what matches looks for is too large: at most 1000 parts"},
		"pattern, computed":  {`predicate.s.matches(predicate.p)`, "what matches looks for must be written in the rule"},
		"time zone":          {`timestamp(predicate.t).getHours("America/New_York") == 1`, "getHours knows no time zone but UTC here"},
	} {
		t.Run(name, func(t *testing.T) {
			r := attesting(authority("scanner", scanner), evaluation, test[0])
			_, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{r}})
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), test[1]) {
				t.Errorf("got %v, want %q", errs, test[1])
			}
		})
	}
}

// TestProvenanceOfNumbers: a number is no text, and one with an exponent is not
// what anybody states.
func TestProvenanceOfNumbers(t *testing.T) {
	a := pin(t, repository, kit)
	for _, test := range []struct{ expression, predicate, says, refused string }{
		{`string(int(predicate.run))`, `{"run":12345678901}`, "12345678901", ""},
		{`string(predicate.run)`, `{"run":9007199254740993}`, "9007199254740993", ""},
		{`string(predicate.run)`, `{"run":42}`, "42", ""},
		{`string(predicate.run)`, `{"run":12345678901}`, "", `"string(predicate.run)" is 1.2345678901e+10, a large number: write string(int(...)) for all its digits`},
		{`predicate.run`, `{"run":12345678901}`, "", `"predicate.run" is 12345678901, not a text: write string(int(...)) for a whole number`},
		{`predicate.run`, `{"run":9007199254740993}`, "", `"predicate.run" is 9007199254740993, not a text: write string(...)`},
	} {
		r := attesting(authority("scanner", scanner), evaluation)
		r.Attestations[0].Provenance = map[string]string{"run": test.expression}
		v := compile(t, r).Verify(a, list(release.Bundle(kit.Digest()), scanner.Attest(kit.Digest(), testsign.Says{PredicateType: evaluation, Predicate: test.predicate})))
		if got := v.Attestations()[0].Provenance["run"]; got != test.says || v.Attested() != (test.refused == "") || !strings.Contains(v.Reason(), test.refused) {
			t.Errorf("%s over %s: %q, want %q: %s", test.expression, test.predicate, got, test.says, v.Reason())
		}
	}
}
