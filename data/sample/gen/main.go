// Gen makes the embedded sample of Fashion-MNIST from the published files: the
// first 6,000 training images and the first 1,000 test images, with their
// labels, as gzipped idx files.
//
//	go run ./data/sample/gen -from DIR -to data/sample
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// parts are the published files: the sha256 of their contents, the length of
// the header, the bytes of an item, the items in the file, the items kept.
var parts = []struct {
	name, sha256            string
	head, item, total, keep int
}{
	{"train-images-idx3-ubyte", "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888", 16, 784, 60000, 6000},
	{"train-labels-idx1-ubyte", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9", 8, 1, 60000, 6000},
	{"t10k-images-idx3-ubyte", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b", 16, 784, 10000, 1000},
	{"t10k-labels-idx1-ubyte", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34", 8, 1, 10000, 1000},
}

func main() {
	from := flag.String("from", ".", "folder of the published files, gzipped")
	to := flag.String("to", ".", "folder to write the sample to")
	flag.Parse()
	for _, p := range parts {
		b, err := read(filepath.Join(*from, p.name+".gz"), p.head+p.item*p.total)
		if err == nil && fmt.Sprintf("%x", sha256.Sum256(b)) != p.sha256 {
			err = fmt.Errorf("%s: not the published file", p.name)
		}
		if err == nil {
			b = b[:p.head+p.item*p.keep]
			binary.BigEndian.PutUint32(b[4:], uint32(p.keep))
			fmt.Printf("%x  %s\n", sha256.Sum256(b), p.name)
			err = write(filepath.Join(*to, p.name+".gz"), b)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "gen:", err)
			os.Exit(1)
		}
	}
}

// read returns the size bytes that the gzipped file at path holds.
func read(path string, size int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(z, b); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

// write writes b gzipped to path, with neither name nor time in the header.
func write(path string, b []byte) error {
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(b); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, buf.Bytes(), 0o644)
}
