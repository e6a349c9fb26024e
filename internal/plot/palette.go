package plot

import (
	"image/color"
	"math"
)

var (
	white  = color.NRGBA{255, 255, 255, 255}
	ink    = color.NRGBA{34, 34, 34, 255}
	muted  = color.NRGBA{90, 90, 90, 255}
	pale   = color.NRGBA{228, 228, 228, 255}
	nobody = color.NRGBA{200, 200, 200, 255} // cells without a value
)

// series are the colours of Okabe and Ito (2008) without yellow, which is too
// light for lines.
var series = []color.NRGBA{
	{0, 114, 178, 255},   // blue
	{213, 94, 0, 255},    // vermilion
	{0, 158, 115, 255},   // green
	{204, 121, 167, 255}, // purple
	{230, 159, 0, 255},   // orange
	{86, 180, 233, 255},  // sky
	{0, 0, 0, 255},       // black
}

// tone returns colour number i, counted from 1, and a muted one for 0.
func tone(i int) color.NRGBA {
	if i <= 0 {
		return muted
	}
	return series[(i-1)%len(series)]
}

func faint(c color.NRGBA, alpha float64) color.NRGBA {
	c.A = uint8(math.Round(255 * alpha))
	return c
}

// diverging is ColorBrewer's RdBu, reversed: negative blue, positive red.
var diverging = []uint32{
	0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7,
	0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f,
}

// sequential is viridis.
var sequential = []uint32{
	0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e,
	0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725,
}

// shade returns the colour at t in [0, 1] of a scale, clamped at its ends.
func shade(scale []uint32, t float64) color.NRGBA {
	if math.IsNaN(t) {
		return nobody
	}
	t = min(max(t, 0), 1) * float64(len(scale)-1)
	i := min(int(t), len(scale)-2)
	f := t - float64(i)
	mix := func(shift int) uint8 {
		a, b := float64(scale[i]>>shift&255), float64(scale[i+1]>>shift&255)
		return uint8(math.Round(a + f*(b-a)))
	}
	return color.NRGBA{mix(16), mix(8), mix(0), 255}
}
