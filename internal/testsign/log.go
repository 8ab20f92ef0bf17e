package testsign

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"
)

// entry is what a transparency log like Rekor v1 says about a signature.
type entry struct {
	kind           string
	body           []byte
	integratedTime int64
	promise        []byte // the signed entry timestamp
	sibling, root  []byte
	checkpoint     string
}

// logIndex is every entry's place: second in a log of two.
const logIndex = 1

// enter logs a body of that kind.
func (s *Sigstore) enter(kind string, body []byte, at time.Time) entry {
	e := entry{kind: kind, body: body, integratedTime: at.Unix()}
	e.promise = s.log.Sign(fmt.Appendf(nil, `{"body":%q,"integratedTime":%d,"logID":%q,"logIndex":%d}`,
		base64.StdEncoding.EncodeToString(body), e.integratedTime, hex.EncodeToString(s.log.id()), logIndex))
	// RFC 6962, 2.1: leaves start with 0, nodes with 1.
	first := sha256.Sum256([]byte("\x00another entry"))
	leaf := sha256.Sum256(append([]byte{0}, body...))
	root := sha256.Sum256(append(append([]byte{1}, first[:]...), leaf[:]...))
	e.sibling, e.root = first[:], root[:]
	// Rekor v1 writes the number of its tree behind its name.
	host := "log." + s.name + ".test"
	text := fmt.Sprintf("%s - 1\n%d\n%s\n", host, logIndex+1, base64.StdEncoding.EncodeToString(e.root))
	e.checkpoint = fmt.Sprintf("%s\n— %s %s\n", text, host,
		base64.StdEncoding.EncodeToString(append(s.log.id()[:4:4], s.log.Sign([]byte(text))...)))
	return e
}

// transparency is the entry as bundles carry it.
func (s *Sigstore) transparency(e entry, promise, proof bool) map[string]any {
	t := map[string]any{
		"logIndex": fmt.Sprint(logIndex), "logId": map[string]any{"keyId": s.log.id()},
		"kindVersion":    map[string]any{"kind": e.kind, "version": "0.0.1"},
		"integratedTime": fmt.Sprint(e.integratedTime), "canonicalizedBody": e.body,
	}
	if promise {
		t["inclusionPromise"] = map[string]any{"signedEntryTimestamp": e.promise}
	}
	if proof {
		t["inclusionProof"] = map[string]any{
			"logIndex": fmt.Sprint(logIndex), "treeSize": fmt.Sprint(logIndex + 1),
			"rootHash": e.root, "hashes": []any{e.sibling},
			"checkpoint": map[string]any{"envelope": e.checkpoint},
		}
	}
	return t
}

// annotation is the entry as legacy signatures carry it.
func (s *Sigstore) annotation(e entry) string {
	return fmt.Sprintf(`{"SignedEntryTimestamp":%q,"Payload":{"body":%q,"integratedTime":%d,"logIndex":%d,"logID":%q}}`,
		base64.StdEncoding.EncodeToString(e.promise), base64.StdEncoding.EncodeToString(e.body),
		e.integratedTime, logIndex, hex.EncodeToString(s.log.id()))
}
