// Package fn is the core that every host runs: it reads a package of items
// (Read), decides which platform holds (Sources.Choose), pins, verifies,
// validates and generates (Render), and writes the result back into the items
// (Process). Front doors differ only in where items come from and go to.
package fn
