package nn

import "breakeven/tensor"

// blocks returns one block for each part of the weights, and one for the bias.
func (k *conv) blocks() []int {
	var sizes []int
	for part := range k.geo.Parts() {
		lo, hi := k.geo.Part(part)
		sizes = append(sizes, k.geo.Taps()*(hi-lo)*k.geo.O)
	}
	if k.hasBias {
		sizes = append(sizes, k.geo.O)
	}
	return sizes
}

func (k *conv) exampleGrad(dst []float32, i, block, worker int) {
	dy := k.y.example(adjoints, i)
	if block == k.geo.Parts() {
		addColumns(dst[:k.geo.O], dy)
		return
	}
	xs, nx, ny := k.x.example(values, i), k.x.size/k.images, k.y.size/k.images
	for at := range k.images {
		k.geo.WeightPart(dst, xs[at*nx:(at+1)*nx], dy[at*ny:(at+1)*ny], block, k.plan.scratch[worker])
	}
}

// addColumns adds the column sums of rows of length len(dst), in float64, up to 256
// columns at a time.
func addColumns(dst []float32, rows []float32) {
	var all [256]float64
	for n := len(dst); len(dst) > 0; {
		sum := all[:min(len(all), len(dst))]
		for j := range sum {
			sum[j] = float64(dst[j])
		}
		if len(sum) == n {
			tensor.ColSum(sum, rows, len(rows)/n, n)
		} else {
			for at := n - len(dst); at < len(rows); at += n {
				tensor.ColSum(sum, rows[at:at+len(sum)], 1, len(sum))
			}
		}
		for j, v := range sum {
			dst[j] = float32(v)
		}
		dst = dst[len(sum):]
	}
}

func (k *conv) places(dst []int, block int) {
	if block == k.geo.Parts() {
		k.bias.places(dst, 0)
		return
	}
	at := 0
	lo, hi := k.geo.Part(block)
	for t := range k.geo.Taps() {
		for i := lo; i < hi; i++ {
			for o := range k.geo.O {
				dst[at] = k.weight.place((o*k.geo.C+i)*k.geo.Taps() + t)
				at++
			}
		}
	}
}
