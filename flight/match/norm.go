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

// Moments are what is known of cubes so far, for a Norm of them all: Welford's sums. Unknown values
// do not count.
type Moments struct{ count, mean, squares [continuous]float64 }

// Add counts cubes that lie one behind the other.
func (m *Moments) Add(cubes []float32) {
	n := len(cubes) / Size
	if len(cubes) != n*Size {
		panic(fmt.Sprintf("match: %d numbers are no whole cubes of %d", len(cubes), Size))
	}
	tensor.Parallel(Rows, func(row int) {
		const width = continuous / Rows
		count, mean, squares := m.count[row*width:], m.mean[row*width:], m.squares[row*width:]
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
	})
}

// Norm returns the norm of all cubes so far. A number that is never known, or always the same, has
// deviation 1.
func (m *Moments) Norm() *Norm {
	n := &Norm{}
	for k, mean := range m.mean {
		deviation := float32(math.Sqrt(m.squares[k] / max(m.count[k], 1)))
		if deviation == 0 {
			deviation = 1
		}
		n.Mean[k], n.Deviation[k] = float32(mean), deviation
	}
	return n
}

// Apply writes a cube as networks read it, [Channels, Rows, Cols], normalised. Unknown values become
// 0, as the mean does; storms stay 0 or 1.
func (n *Norm) Apply(dst, cube []float32) {
	const area = Rows * Cols
	for cell := range area {
		dst[cell] = cube[cell*Channels]
		for c := 1; c < Channels; c++ {
			k := cell*(Channels-1) + c - 1
			x := (cube[cell*Channels+c] - n.Mean[k]) / n.Deviation[k]
			if x != x {
				x = 0
			}
			dst[c*area+cell] = x
		}
	}
}
