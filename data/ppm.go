package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"strconv"
)

// maxSide bounds the sides of a PPM image; those of traffic signs have at most 266 pixels.
const maxSide = 1024

// maxPPM bounds the bytes of a PPM file: a header with comments, and the pixels.
const maxPPM = 1<<12 + 3*maxSide*maxSide

// decodePPM reads an image of the format PPM, in its binary form P6 with a byte for each number:
// "P6", width, height and the largest value, 255, in decimal digits with white space between them,
// one byte of white space, and the pixels.
func decodePPM(b []byte) (*image.RGBA, error) {
	if !bytes.HasPrefix(b, []byte("P6")) {
		return nil, errors.New("not a PPM image: it does not begin with P6")
	}
	rest := b[2:]
	var head [3]int // width, height, largest value
	for i, most := range []int{maxSide, maxSide, 255} {
		var err error
		if head[i], rest, err = ppmNumber(rest); err != nil {
			return nil, err
		}
		if head[i] < 1 || head[i] > most {
			return nil, fmt.Errorf("%s is %d in its header; it must lie between 1 and %d", []string{"the width", "the height", "the largest value"}[i], head[i], most)
		}
	}
	width, height := head[0], head[1]
	if head[2] != 255 {
		return nil, fmt.Errorf("the largest value is %d; only 255 is read", head[2])
	}
	if len(rest) == 0 || len(rest)-1 != 3*width*height {
		return nil, fmt.Errorf("%d bytes of pixels, and %d×%d pixels have %d", max(0, len(rest)-1), width, height, 3*width*height)
	}
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for i, pixels := 0, rest[1:]; i < width*height; i++ {
		copy(m.Pix[4*i:], pixels[3*i:3*i+3])
		m.Pix[4*i+3] = 255
	}
	return m, nil
}

// ppmNumber reads a number of a header, with white space and comments before it.
func ppmNumber(b []byte) (n int, rest []byte, err error) {
	for len(b) > 0 && (space(b[0]) || b[0] == '#') {
		if b[0] == '#' {
			_, b, _ = bytes.Cut(b, []byte("\n"))
		} else {
			b = b[1:]
		}
	}
	digits := 0
	for digits < len(b) && digits < 5 && b[digits] >= '0' && b[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits == len(b) || !space(b[digits]) {
		return 0, nil, errors.New("its header is not that of a PPM image")
	}
	n, err = strconv.Atoi(string(b[:digits]))
	return n, b[digits:], err
}

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
