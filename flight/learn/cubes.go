package learn

import (
	"math"

	"breakeven/flight/match"
)

// cells are mean and standard deviation of each cell of a cube, without the storms, which stay
// 0 and 1.
type cells struct{ mean, std [match.Size]float32 }

// Cube makes, of a cube of package match, what the network reads: [channels, rows, columns],
// scaled; what is unknown is 0.
func (c *Coder) Cube(dst, cube []float32) {
	for i, x := range cube {
		x = (x - c.cells.mean[i]) / c.cells.std[i]
		if x != x {
			x = 0
		}
		dst[i%match.Channels*match.Rows*match.Cols+i/match.Channels] = x
	}
}

// moments sum up cubes, unknown numbers apart.
type moments struct{ n, sum, squares [match.Size]float64 }

func (m *moments) add(cube []float32) {
	for i, x := range cube {
		if x != x {
			continue
		}
		v := float64(x)
		m.n[i]++
		m.sum[i] += v
		m.squares[i] += v * v
	}
}

func (m *moments) cells() (c cells) {
	for i, n := range m.n {
		c.std[i] = 1
		if i%match.Channels == 0 || n == 0 {
			continue
		}
		mean := m.sum[i] / n
		c.mean[i] = float32(mean)
		if variance := m.squares[i]/n - mean*mean; variance > 1e-9*m.squares[i]/n { // else rounding
			c.std[i] = float32(math.Sqrt(variance))
		}
	}
	return c
}
