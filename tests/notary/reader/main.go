// Reads what the axis wrote with code that shares nothing with ours: golang.org/x/mod/sumdb/note and
// tlog, which Go's checksum database runs on, and github.com/transparency-dev/formats.
//
//	reader FOLDER VERIFIER-KEY [WITNESS-KEY...]
//	reader RECEIPT.tlog-proof VERIFIER-KEY [WITNESS-KEY...]
//
// Of a log it checks the note's signature, that each witness named has cosigned it, the tiles up to
// the root, the place of every entry, and that the log grew from every smaller size that is a
// multiple of STEP; of a receipt, the same signatures and the place of its entry.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height, step = 8, 61

type folder string

func (f folder) Height() int { return height }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(string(f), tilePath(tile)))
		if err != nil {
			full := tile
			full.W = 1 << height
			data, err = os.ReadFile(filepath.Join(string(f), tilePath(full)))
			if err != nil {
				return nil, err
			}
			data = data[:tile.W*tlog.HashSize]
		}
		all = append(all, data)
	}
	return all, nil
}

// tilePath is that of the checksum database without the height, as C2SP tlog-tiles has it.
func tilePath(tile tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
}

func entries(root string, size int64) ([][]byte, error) {
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		width := int(min(size-n*256, 256))
		path := tilePath(tlog.Tile{H: height, L: 0, N: n, W: width})
		data, err := os.ReadFile(filepath.Join(root, strings.Replace(path, "tile/0/", "tile/entries/", 1)))
		if err != nil {
			return nil, err
		}
		for len(data) >= 2 {
			end := 2 + int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:end])
			data = data[end:]
		}
	}
	return all, nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// openCheckpoint demands the log's signature and one of each witness.
func openCheckpoint(signed []byte, keys []string) (string, tlog.Tree) {
	verifier, err := note.NewVerifier(keys[0])
	check(err)
	all := []note.Verifier{verifier}
	for _, key := range keys[1:] {
		witness, err := fnote.NewVerifierForCosignatureV1(key)
		check(err)
		all = append(all, witness)
	}
	opened, err := note.Open(signed, note.VerifierList(all...))
	check(err)
	for _, due := range all {
		if !slices.ContainsFunc(opened.Sigs, func(s note.Signature) bool {
			return s.Name == due.Name() && s.Hash == due.KeyHash()
		}) {
			log.Fatalf("%s has not signed", due.Name())
		}
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	hash, err := tlog.ParseHash(lines[2])
	check(err)
	return lines[0], tlog.Tree{N: size, Hash: hash}
}

func checkReceipt(content []byte, keys []string) {
	var receipt proof.TLogProof
	check(receipt.Unmarshal(content))
	origin, tree := openCheckpoint(receipt.Checkpoint, keys)
	var extra struct {
		Entry string `json:"entry"`
	}
	check(json.Unmarshal(receipt.ExtraData, &extra))
	var path tlog.RecordProof
	for _, hash := range receipt.Hashes {
		path = append(path, tlog.Hash(hash))
	}
	leaf := tlog.RecordHash([]byte(extra.Entry))
	check(tlog.CheckRecord(path, tree.N, tree.Hash, int64(receipt.Index), leaf))
	fmt.Println(origin, tree.N, receipt.Index)
}

func checkLog(root string, keys []string) {
	signed, err := os.ReadFile(filepath.Join(root, "checkpoint"))
	check(err)
	origin, tree := openCheckpoint(signed, keys)
	size, hash := tree.N, tree.Hash
	reader := tlog.TileHashReader(tree, folder(root))
	all, err := entries(root, size)
	check(err)
	if int64(len(all)) != size {
		log.Fatalf("%d entries in a log of %d", len(all), size)
	}
	for index, entry := range all {
		path, err := tlog.ProveRecord(size, int64(index), reader)
		check(err)
		check(tlog.CheckRecord(path, size, hash, int64(index), tlog.RecordHash(entry)))
	}
	for old := int64(step); old < size; old += step {
		growth, err := tlog.ProveTree(size, old, reader)
		check(err)
		was, err := tlog.TreeHash(old, reader)
		check(err)
		check(tlog.CheckTree(growth, size, hash, old, was))
	}
	fmt.Println(origin, size)
}

func main() {
	what, keys := os.Args[1], os.Args[2:]
	if info, err := os.Stat(what); err == nil && !info.IsDir() {
		content, err := os.ReadFile(what)
		check(err)
		checkReceipt(content, keys)
		return
	}
	checkLog(what, keys)
}
