package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A folder holds the inputs of a comparison as files in npy format 1.0.
type folder string

// preamble is the length of the header, which is fixed: enough for any shape
// here, and a multiple of 64 as the format asks for.
const preamble = 128

// npyHeader returns the header of an array of the given kind ("<f4").
func npyHeader(kind string, shape ...int) []byte {
	dims := ""
	for _, d := range shape {
		dims += fmt.Sprintf("%d, ", d)
	}
	words := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, dims)
	room := preamble - 10
	head := append([]byte("\x93NUMPY\x01\x00"), byte(room), byte(room>>8))
	return append(head, words+strings.Repeat(" ", room-1-len(words))+"\n"...)
}

// save writes an array of 4-byte numbers.
func (f folder) save(name, kind string, data any, shape ...int) (err error) {
	file, err := os.Create(f.file(name))
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	if _, err := file.Write(npyHeader(kind, shape...)); err != nil {
		return err
	}
	return binary.Write(file, binary.LittleEndian, data)
}

func (f folder) floats(name string, data []float32) error {
	return f.save(name, "<f4", data, len(data))
}

// load reads the first numbers of an array that save has written.
func (f folder) load(name string, dst any) error {
	file, err := os.Open(f.file(name))
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Seek(preamble, io.SeekStart); err != nil {
		return err
	}
	if err := binary.Read(file, binary.LittleEndian, dst); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// vector reads the first n numbers of an array.
func (f folder) vector(name string, n int) ([]float32, error) {
	x := make([]float32, n)
	return x, f.load(name, x)
}

func (f folder) file(name string) string { return filepath.Join(string(f), name+".npy") }
