// Reads a log that the axis wrote with the code of Go's checksum database, which shares nothing
// with ours: golang.org/x/mod/sumdb/note and tlog.
//
//	reader FOLDER VERIFIER-KEY
//
// Checks the note's signature, the tiles up to the root, the place of every entry, and that the log
// grew from every smaller size that is a multiple of STEP.
package main

import (
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

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

func main() {
	root := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	signed, err := os.ReadFile(filepath.Join(root, "checkpoint"))
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	hash, err := tlog.ParseHash(lines[2])
	check(err)
	tree := tlog.Tree{N: size, Hash: hash}
	reader := tlog.TileHashReader(tree, folder(root))
	all, err := entries(root, size)
	check(err)
	if int64(len(all)) != size {
		log.Fatalf("%d entries in a log of %d", len(all), size)
	}
	for index, entry := range all {
		proof, err := tlog.ProveRecord(size, int64(index), reader)
		check(err)
		check(tlog.CheckRecord(proof, size, hash, int64(index), tlog.RecordHash(entry)))
	}
	for old := int64(step); old < size; old += step {
		proof, err := tlog.ProveTree(size, old, reader)
		check(err)
		was, err := tlog.TreeHash(old, reader)
		check(err)
		check(tlog.CheckTree(proof, size, hash, old, was))
	}
	fmt.Println(lines[0], size)
}
