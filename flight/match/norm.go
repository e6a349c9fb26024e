package match

import (
	"fmt"
	"math"

	"breakeven/tensor"
)

// continuous is how many numbers of a cube are normalised: temperature, u and v of each cell.
const continuous = Rows * Cols * (Channels - 1)

// A Norm holds the mean and the standard deviation of each continuous number of a cube, cell by
// cell: temperature, u and v.
type Norm struct {
	Mean, Deviation [continuous]float32
}

// NewNorm returns the norm of cubes that lie one behind the other. Unknown values do not count. A
// number that is never known, or always the same, has deviation 1.
func NewNorm(cubes []float32) *Norm {
	n := len(cubes) / Size
	if len(cubes) != n*Size {
		panic(fmt.Sprintf("match: %d numbers are no whole cubes of %d", len(cubes), Size))
	}
	norm := &Norm{}
	tensor.Parallel(Rows, func(row int) {
		const width = continuous / Rows
		var count, mean, squares [width]float64 // Welford's sums
		for i := range n {
			line := cubes[i*Size+row*Cols*Channels:]
			for k := range width {
				x := float64(line[k/(Channels-1)*Channels+1+k%(Channels-1)])
				if math.IsNaN(x) {
					continue
				}
				count[k]++
				d := x - mean[k]
				mean[k] += d / count[k]
				squares[k] += d * (x - mean[k])
			}
		}
		for k := range width {
			deviation := float32(math.Sqrt(squares[k] / max(count[k], 1)))
			if deviation == 0 {
				deviation = 1
			}
			norm.Mean[row*width+k], norm.Deviation[row*width+k] = float32(mean[k]), deviation
		}
	})
	return norm
}

// Apply normalises cubes in place. Unknown values become 0, as the mean does; storms stay 0 or 1.
func (n *Norm) Apply(cubes []float32) {
	for ; len(cubes) >= Size; cubes = cubes[Size:] {
		k := 0
		for i, x := range cubes[:Size] {
			if i%Channels == 0 {
				continue
			}
			x = (x - n.Mean[k]) / n.Deviation[k]
			if x != x {
				x = 0
			}
			cubes[i] = x
			k++
		}
	}
}
