// Go's sumdb/note and sumdb/tlog on what Beholden wrote: a JSON list of cases on stdin, for each a line of JSON on
// stdout, {"accepted": what was read} or {"refused": why}. tests/ledger/test_go.py builds and asks it.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Case is one thing to check; which fields count depends on Kind. Bytes are base64, as JSON writes them.
type Case struct {
	Kind       string
	Checkpoint []byte
	Key        string // of whom signed, as sumdb/note writes keys
	Text       string // to be signed
	Folder     string
	Leaf       []byte
	Index      int64
	Proof      [][]byte
	OldSize    int64
	OldRoot    []byte
}

func main() {
	var cases []Case
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	answers := json.NewEncoder(os.Stdout)
	for _, c := range cases {
		said, err := c.check()
		if err != nil {
			answers.Encode(map[string]string{"refused": err.Error()})
		} else {
			answers.Encode(map[string]string{"accepted": said})
		}
	}
}

func (c *Case) check() (string, error) {
	switch c.Kind {
	case "sign":
		return c.sign()
	case "checkpoint":
		tree, err := c.head()
		return fmt.Sprintf("%d %s", tree.N, tree.Hash), err
	case "record":
		return "", c.record()
	case "tree":
		return "", c.tree()
	case "log":
		return "", c.log()
	}
	return "", errors.New("no such kind")
}

// sign is our key file in Go's hands.
func (c *Case) sign() (string, error) {
	signer, err := note.NewSigner(c.Key)
	if err != nil {
		return "", err
	}
	signed, err := note.Sign(&note.Note{Text: c.Text}, signer)
	return string(signed), err
}

// head opens the signed note and reads the three lines of a C2SP checkpoint. tlog.ParseTree wants the
// origin of the Go checksum database, so this is done here.
func (c *Case) head() (tlog.Tree, error) {
	verifier, err := note.NewVerifier(c.Key)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(c.Checkpoint, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := hashOf(root)
	return tlog.Tree{N: size, Hash: hash}, err
}

func (c *Case) record() error {
	head, err := c.head()
	if err != nil {
		return err
	}
	proof, err := hashes(c.Proof)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, head.N, head.Hash, c.Index, tlog.RecordHash(c.Leaf))
}

func (c *Case) tree() error {
	head, err := c.head()
	if err != nil {
		return err
	}
	proof, err := hashes(c.Proof)
	if err != nil {
		return err
	}
	old, err := hashOf(c.OldRoot)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, head.N, head.Hash, c.OldSize, old)
}

// log reads every leaf hash through our tiles, which tlog holds against the head, and every leaf of our bundles.
func (c *Case) log() error {
	head, err := c.head()
	if err != nil {
		return err
	}
	indexes := make([]int64, head.N)
	for n := range indexes {
		indexes[n] = tlog.StoredHashIndex(0, int64(n))
	}
	found, err := tlog.TileHashReader(head, folder(c.Folder)).ReadHashes(indexes)
	if err != nil {
		return err
	}
	for first := int64(0); first < head.N; first += width {
		count := min(width, head.N-first)
		bundle, err := folder(c.Folder).read(tlog.Tile{H: height, L: -1, N: first / width, W: int(count)})
		if err != nil {
			return err
		}
		for n := first; n < first+count; n++ {
			var leaf []byte
			if leaf, bundle, err = cut(bundle); err != nil {
				return err
			}
			if tlog.RecordHash(leaf) != found[n] {
				return fmt.Errorf("leaf %d is not the one that was signed", n)
			}
		}
		if len(bundle) > 0 {
			return errors.New("more leaves than there are")
		}
	}
	return nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

const (
	height = 8
	width  = 1 << height
)

// folder is the folder of a log, as a tlog.TileReader.
type folder string

func (f folder) Height() int { return height }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		data, err := f.read(tile)
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, errors.New("a tile of another length")
		}
		found = append(found, data)
	}
	return found, nil
}

// read finds a tile where C2SP tlog-tiles puts it: without the height, and "entries" for "data".
func (f folder) read(tile tlog.Tile) ([]byte, error) {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return os.ReadFile(filepath.Join(string(f), strings.Replace(path, "tile/data/", "tile/entries/", 1)))
}

// cut takes the first leaf of a bundle: two bytes of length, big-endian, and the leaf.
func cut(bundle []byte) (leaf, rest []byte, err error) {
	if len(bundle) < 2 {
		return nil, nil, errors.New("a bundle that is cut off")
	}
	end := 2 + int(bundle[0])<<8 + int(bundle[1])
	if len(bundle) < end {
		return nil, nil, errors.New("a bundle that is cut off")
	}
	return bundle[2:end], bundle[end:], nil
}

func hashOf(data []byte) (hash tlog.Hash, err error) {
	if copy(hash[:], data) != tlog.HashSize || len(data) != tlog.HashSize {
		return hash, errors.New("a hash of another length")
	}
	return hash, nil
}

func hashes(all [][]byte) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(all))
	for n, data := range all {
		hash, err := hashOf(data)
		if err != nil {
			return nil, err
		}
		found[n] = hash
	}
	return found, nil
}
