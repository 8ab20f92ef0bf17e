package testsign

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // registers SHA-384 and SHA-512
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"math/big"
)

// Key signs as cosign does with a key of its kind.
type Key struct {
	private crypto.Signer
	// hash is not SHA-256.
	hash crypto.Hash
}

// ECDSA is the P-256 key of that name, the kind that cosign generates.
func ECDSA(name string) Key {
	for i := uint32(0); ; i++ {
		// Not every 32 bytes are a scalar of the curve; the next ones are.
		if private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed(name, i)); err == nil {
			return Key{private: private}
		}
	}
}

// Ed25519 is the Ed25519 key of that name.
func Ed25519(name string) Key { return Key{private: ed25519.NewKeyFromSeed(seed(name, 0))} }

// Ed25519ph is the same key, used as cosign does: it hashes with SHA-512 first.
func Ed25519ph(name string) Key {
	return Key{ed25519.NewKeyFromSeed(seed(name, 0)), crypto.SHA512}
}

// P384 is the P-384 key of that name; it hashes with what belongs to the curve,
// or as older signers did.
func P384(name string, hash crypto.Hash) Key {
	for i := uint32(0); ; i += 2 {
		raw := append(seed(name, i), seed(name, i+1)[:16]...)
		if private, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), raw); err == nil {
			return Key{private, hash}
		}
	}
}

// P521 is the P-521 key of that name; it hashes with what belongs to the curve.
func P521(name string) Key {
	raw := append([]byte{0, 1}, append(seed(name, 0), seed(name, 1)...)...)
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P521(), raw)
	if err != nil {
		panic("testsign: " + err.Error()) // such a number is far below the curve's order
	}
	return Key{private, crypto.SHA512}
}

// RSA is the RSA key of that name; the modulus has the given number of bits.
func RSA(name string, bits int) Key {
	p, q := prime(name+" p", bits/2), prime(name+" q", bits-bits/2)
	private := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537},
		Primes:    []*big.Int{p, q},
	}
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	private.D = new(big.Int).ModInverse(big.NewInt(int64(private.E)), phi)
	private.Precompute()
	return Key{private: private}
}

// prime is the first prime after the bits that follow from the name. Its two
// highest bits are set, so that the product of two has their bits together.
func prime(name string, bits int) *big.Int {
	var raw []byte
	for i := uint32(0); len(raw) < bits/8; i++ {
		raw = append(raw, seed(name, i)...)
	}
	n := new(big.Int).SetBytes(raw[:bits/8])
	n.SetBit(n, bits-1, 1).SetBit(n, bits-2, 1).SetBit(n, 0, 1)
	for two := big.NewInt(2); !n.ProbablyPrime(20); {
		n.Add(n, two)
	}
	return n
}

func seed(name string, i uint32) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint32([]byte("testsign "+name), i))
	return sum[:]
}

// PEM is the public key as a ModelPlatform names it.
func (k Key) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: k.der()}))
}

// hint is what cosign writes into a bundle: the hash of the public key.
func (k Key) hint() string {
	sum := sha256.Sum256(k.der())
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (k Key) der() []byte {
	der, err := x509.MarshalPKIXPublicKey(k.private.Public())
	if err != nil {
		panic(fmt.Sprintf("testsign: %v", err)) // it is a key we made
	}
	return der
}

// Sign signs the message. Without a source of randomness ECDSA takes its nonce
// from the message (RFC 6979), so that the signature is the same each time.
func (k Key) Sign(message []byte) []byte {
	hash := cmp.Or(k.hash, crypto.SHA256)
	var opts crypto.SignerOpts = hash
	h := hash.New()
	h.Write(message)
	signed := h.Sum(nil)
	if _, ok := k.private.(ed25519.PrivateKey); ok && k.hash == 0 {
		signed, opts = message, crypto.Hash(0)
	}
	sig, err := k.private.Sign(nil, signed, opts)
	if err != nil {
		panic(fmt.Sprintf("testsign: %v", err))
	}
	return sig
}
