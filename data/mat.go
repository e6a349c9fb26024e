package data

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// A matArray is an array of whole numbers from 0 to 255 in a MAT file: its name and dimensions, which
// are known beforehand, and where its numbers go, in the file's order: the first dimension runs fastest.
type matArray struct {
	name string
	dims []int
	dst  []byte
	read bool
}

// Types of data elements, and classes of arrays, of MAT files of version 5.
const (
	matUint8, matDouble, matMatrix, matCompressed = 2, 9, 14, 15
	matDoubleClass, matUint8Class                 = 6, 9
)

// readMAT reads arrays from a MAT file of version 5, all of it, and nothing else that is in it
// ("MAT-File Format", The MathWorks). It takes memory for some buffers only.
//
// The format: 128 bytes of header; then elements, each with a tag of type and size. An array is an
// element of elements: flags, dimensions, name and numbers. It may be within another one that is
// compressed by zlib.
func readMAT(r io.Reader, want []matArray) error {
	b := bufio.NewReaderSize(r, 1<<16)
	head := make([]byte, 128)
	if _, err := io.ReadFull(b, head); err != nil {
		return fmt.Errorf("truncated in its header (%w)", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("MATLAB 7.3")):
		return errors.New("a MAT file of version 7.3, of which version 5 is read; save it with -v7")
	case !bytes.Equal(head[124:], []byte{0, 1, 'I', 'M'}):
		return errors.New("not a MAT file of version 5 with little-endian numbers")
	}
	for {
		kind, size, err := matElement(b)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		element := &io.LimitedReader{R: b, N: size}
		if err := readMatrix(kind, element, want); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, element); err != nil || element.N > 0 {
			return fmt.Errorf("truncated: %d bytes of an element of %d are missing", element.N, size)
		}
	}
	for _, a := range want {
		if !a.read {
			return fmt.Errorf("there is no array %s in it", a.name)
		}
	}
	return nil
}

// matElement reads the tag of an element outside of arrays. The error is io.EOF at the end.
func matElement(r io.Reader) (kind uint32, size int64, err error) {
	var tag [8]byte
	if _, err := io.ReadFull(r, tag[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("truncated in a tag")
		}
		return 0, 0, err
	}
	return binary.LittleEndian.Uint32(tag[:]), int64(binary.LittleEndian.Uint32(tag[4:])), nil
}

// readMatrix reads an element if it is an array, compressed or not, that is wanted.
func readMatrix(kind uint32, element io.Reader, want []matArray) error {
	switch kind {
	case matMatrix:
		return readArray(element, want)
	case matCompressed:
		z, err := zlib.NewReader(element)
		if err != nil {
			return fmt.Errorf("an element is not compressed as it should be (%w)", err)
		}
		inner, size, err := matElement(z)
		if err != nil || inner != matMatrix {
			return nil // no array
		}
		return readArray(io.LimitReader(z, size), want)
	}
	return nil
}

// readArray reads an array if it is wanted.
func readArray(r io.Reader, want []matArray) error {
	flags, _, err := matPart(r, 8)
	if err != nil {
		return err
	}
	dims, _, err := matPart(r, 4*32)
	if err != nil {
		return err
	}
	name, _, err := matPart(r, 64)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(want, func(a matArray) bool { return a.name == string(name) })
	if at < 0 {
		return nil
	}
	a := &want[at]
	switch class := flags[0]; {
	case a.read:
		return fmt.Errorf("array %s is in it twice", a.name)
	case len(flags) != 8 || class != matDoubleClass && class != matUint8Class || flags[1]&8 != 0:
		return fmt.Errorf("array %s is of a class that is not read: want uint8 or double, and real numbers", a.name)
	}
	var found []int
	for d := range slices.Chunk(dims, 4) {
		if len(d) == 4 {
			found = append(found, int(int32(binary.LittleEndian.Uint32(d))))
		}
	}
	if !slices.Equal(found, a.dims) {
		return fmt.Errorf("array %s has the dimensions %v, and %v in the published file", a.name, found, a.dims)
	}
	a.read = true
	if err := a.numbers(r); err != nil {
		return fmt.Errorf("array %s: %w", a.name, err)
	}
	return nil
}

// matPart reads a small element of an array: a tag with type and size, the content, and what fills it
// up to 8 bytes. One of at most 4 bytes may be packed into 8 with its tag.
func matPart(r io.Reader, most int) (content []byte, kind uint32, err error) {
	kind, size, packed, err := matTag(r)
	if err != nil {
		return nil, 0, err
	}
	if packed != nil {
		return packed, kind, nil
	}
	if size == 0 || size > int64(most) {
		return nil, 0, fmt.Errorf("an array has a part of %d bytes, where %d are the most", size, most)
	}
	content = make([]byte, (size+7)/8*8)
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, 0, fmt.Errorf("truncated in the head of an array (%w)", err)
	}
	return content[:size], kind, nil
}

// matTag reads the tag of an element of an array, with the content if it is packed into it.
func matTag(r io.Reader) (kind uint32, size int64, packed []byte, err error) {
	var tag [8]byte
	if _, err := io.ReadFull(r, tag[:]); err != nil {
		return 0, 0, nil, fmt.Errorf("truncated in the head of an array (%w)", err)
	}
	kind, size = binary.LittleEndian.Uint32(tag[:]), int64(binary.LittleEndian.Uint32(tag[4:]))
	if n := kind >> 16; n > 0 && n <= 4 {
		return kind & 0xffff, int64(n), tag[4 : 4+n], nil
	}
	return kind, size, nil, nil
}

// numbers reads the numbers of an array, bytes or doubles.
func (a *matArray) numbers(r io.Reader) error {
	kind, size, packed, err := matTag(r)
	if err != nil {
		return err
	}
	if packed != nil {
		r = bytes.NewReader(packed)
	}
	each := map[uint32]int{matUint8: 1, matDouble: 8}[kind]
	switch want := int64(each) * int64(len(a.dst)); {
	case each == 0:
		return fmt.Errorf("its numbers are of type %d; want bytes or doubles", kind)
	case size != want:
		return fmt.Errorf("it has %d bytes of numbers, and its dimensions make %d", size, want)
	case each == 1:
		return fill(r, a.dst, 0, want)
	}
	b := bufio.NewReader(r)
	var number [8]byte
	for i := range a.dst {
		if err := fill(b, number[:], 8*int64(i), size); err != nil {
			return err
		}
		x := math.Float64frombits(binary.LittleEndian.Uint64(number[:]))
		if !(x >= 0 && x <= 255) || x != math.Trunc(x) {
			return fmt.Errorf("number %d is %v; want whole ones from 0 to 255", i, x)
		}
		a.dst[i] = byte(x)
	}
	return nil
}
