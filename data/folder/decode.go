package folder

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"path/filepath"

	"golang.org/x/image/draw"

	"breakeven/internal/foreign"
	"breakeven/internal/regular"
)

// A Decoder makes of files what a network reads: 3×Side×Side numbers, channels first,
// (x/255 − mean)/std of each channel. It may be used by several goroutines at the same time.
type Decoder struct {
	Root      string
	Side      int // pixels
	MaxPixels int // of an image, and of all that are decoded at the same time

	values [channels][256]float32 // the input for each byte
	room   *room
}

const channels = 3

// NewDecoder returns a decoder of files below root.
func NewDecoder(root string, side, maxPixels int, mean, std []float64) (*Decoder, error) {
	if len(mean) != channels || len(std) != channels {
		return nil, fmt.Errorf("%d means and %d deviations for the %d channels of images", len(mean), len(std), channels)
	}
	d := &Decoder{Root: root, Side: side, MaxPixels: maxPixels, room: newRoom(maxPixels)}
	for c := range d.values {
		for x := range d.values[c] {
			d.values[c][x] = float32((float64(x)/255 - mean[c]) / std[c])
		}
	}
	return d, nil
}

// Size returns the numbers of an example.
func (d *Decoder) Size() int { return channels * d.Side * d.Side }

// Bytes returns the memory that decoding takes for a while.
func (d *Decoder) Bytes() int64 {
	const each = 16 // of a progressive JPEG: coefficients of 4 bytes, the pixels, and their resampling
	return each * int64(d.MaxPixels)
}

// Middle writes the middle of an image to dst.
func (d *Decoder) Middle(dst []float32, im Image) error {
	return d.read(dst, im, middle(d.Side), false)
}

// read writes the part of an image that is seen to dst, perhaps mirrored left to right.
func (d *Decoder) read(dst []float32, im Image, see view, flip bool) error {
	name := filepath.Join(d.Root, filepath.FromSlash(im.Path))
	f, _, err := regular.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	pic, release, err := d.decode(f)
	if err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	defer release()
	from, to := see(pic.Bounds().Dx(), pic.Bounds().Dy())
	seen := image.NewRGBA(image.Rect(0, 0, d.Side, d.Side))
	draw.BiLinear.Scale(seen, to, pic, from.Add(pic.Bounds().Min), draw.Src, nil)
	d.numbers(dst, seen, flip)
	return nil
}

// decode decodes a file without transparency. The caller calls release when it no longer needs
// the picture.
func (d *Decoder) decode(f io.ReadSeeker) (pic image.Image, release func(), err error) {
	config, decode, err := d.format(f)
	if err != nil {
		return nil, nil, err
	}
	pixels := config.Width * config.Height
	switch {
	case pixels < 1:
		return nil, nil, fmt.Errorf("is an image of %d×%d pixels", config.Width, config.Height)
	case config.Width > d.MaxPixels || config.Height > d.MaxPixels || pixels > d.MaxPixels:
		return nil, nil, fmt.Errorf("has %d×%d pixels, more than the %d that are decoded; make it smaller, or allow more", config.Width, config.Height, d.MaxPixels)
	}
	d.room.take(pixels)
	release = func() { d.room.give(pixels) }
	if pic, err = decode(bufio.NewReader(f)); err != nil {
		release()
		return nil, nil, broken(err)
	}
	return opaque(pic), release, nil
}

// format reads the header of a file, and returns to its beginning.
func (d *Decoder) format(f io.ReadSeeker) (config image.Config, decode func(io.Reader) (image.Image, error), err error) {
	buffered := bufio.NewReader(f)
	head, _ := buffered.Peek(foreign.Size)
	header := png.DecodeConfig
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		header, decode = jpeg.DecodeConfig, jpeg.Decode
	case bytes.HasPrefix(head, []byte("\x89PNG")):
		decode = png.Decode
	case foreign.Name(head) != "":
		return config, nil, fmt.Errorf("is %s", foreign.Name(head))
	default:
		return config, nil, fmt.Errorf("is neither a JPEG nor a PNG image")
	}
	if config, err = header(buffered); err != nil {
		return config, nil, broken(err)
	}
	if _, err = f.Seek(0, io.SeekStart); err != nil {
		return config, nil, broken(err)
	}
	return config, decode, nil
}

// broken is the error for a file that cannot be decoded.
func broken(err error) error {
	return fmt.Errorf("cannot be decoded (%w); replace it, or take it out of the folder", err)
}

// opaque returns a picture without its transparency, which it may change.
func opaque(pic image.Image) image.Image {
	switch pic := pic.(type) {
	case *image.NRGBA:
		for i := 3; i < len(pic.Pix); i += 4 {
			pic.Pix[i] = 0xff
		}
	case *image.NRGBA64:
		for i := 6; i < len(pic.Pix); i += 8 {
			pic.Pix[i], pic.Pix[i+1] = 0xff, 0xff
		}
	case *image.Paletted:
		for i, c := range pic.Palette {
			n := color.NRGBAModel.Convert(c).(color.NRGBA)
			n.A = 0xff
			pic.Palette[i] = n
		}
	}
	return pic
}

// numbers writes the inputs for a picture.
func (d *Decoder) numbers(dst []float32, pic *image.RGBA, flip bool) {
	n := d.Side
	for y := range n {
		row := pic.Pix[y*pic.Stride:][:4*n]
		for x := range n {
			from := row[4*x:]
			if flip {
				from = row[4*(n-1-x):]
			}
			for c := range channels {
				dst[(c*n+y)*n+x] = d.values[c][from[c]]
			}
		}
	}
}
