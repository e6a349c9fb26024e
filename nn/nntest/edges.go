package nntest

import (
	"math"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

// sparseRows draws a matrix whose entries are present with a probability.
func sparseRows(r *rng.Stream, rows, cols int, density float64) *tensor.CSR {
	start, index, value := []int{0}, []int32{}, []float32{}
	for range rows {
		for j := range cols {
			if r.Float64() < density {
				index, value = append(index, int32(j)), append(value, float32(r.NormFloat64()))
			}
		}
		start = append(start, len(index))
	}
	return tensor.NewCSR(rows, cols, start, index, value)
}

// edges draws a directed graph with positive weights, some loops, and nodes without edges.
func edges(r *rng.Stream, nodes int) *nn.Graph {
	m := sparseRows(r, nodes, nodes, 2.5/float64(nodes))
	for e := range m.Value {
		m.Value[e] = 0.5 + float32(math.Abs(float64(m.Value[e])))
	}
	return nn.NewGraph(m)
}

// fill sets the numbers of an input from a sparse matrix, if there is one.
func (m images) fill(from *tensor.CSR) {
	if from == nil {
		return
	}
	for i := range from.Rows {
		index, value := from.Row(i)
		for e, j := range index {
			m.x[i*m.C+int(j)] = constant(float64(value[e]))
		}
	}
}

// propagate is nn.Propagate with a dense matrix.
func propagate(op nn.Propagate, ps [][]hyper, y images, in []images, adjacency *tensor.CSR) {
	n := adjacency.Rows
	a, degree := make([]float64, n*n), make([]float64, n)
	for i := range n {
		index, value := adjacency.Row(i)
		looped := false
		for e, j := range index {
			a[i*n+int(j)], looped = float64(value[e]), looped || int(j) == i
		}
		if op.By == nn.Symmetric && !looped {
			a[i*n+i] = 1
		}
		for j := range n {
			degree[i] += a[i*n+j]
		}
	}
	size := y.Size()
	for i := range n {
		for k := range size {
			sum := hyper{}
			for j := range n {
				w := a[i*n+j]
				if op.By == nn.Symmetric {
					w /= math.Sqrt(degree[i] * degree[j])
				} else {
					w /= degree[i]
				}
				if a[i*n+j] != 0 {
					sum = sum.plus(in[0].x[j*size+k].scaled((1 - op.Restart) * w))
				}
			}
			if op.Restart > 0 {
				sum = sum.plus(in[1].x[i*size+k].scaled(op.Restart))
			}
			if op.Bias != "" {
				sum = sum.plus(ps[0][k])
			}
			y.x[i*size+k] = sum
		}
	}
}

// attention is nn.Attend by its definition.
func attention(op nn.Attend, ps [][]hyper, y, x images, adjacency *tensor.CSR, sw *switches) {
	size := x.C / op.Heads
	dot := func(a []hyper, node, head int) hyper {
		sum := hyper{}
		for c := range size {
			sum = sum.plus(a[head*size+c].times(x.x[node*x.C+head*size+c]))
		}
		return sum
	}
	for i := range adjacency.Rows {
		neighbours := []int{i}
		index, _ := adjacency.Row(i)
		for _, j := range index {
			if int(j) != i {
				neighbours = append(neighbours, int(j))
			}
		}
		for h := range op.Heads {
			var weights []hyper
			norm := hyper{}
			for _, j := range neighbours {
				u := dot(ps[0], j, h).plus(dot(ps[1], i, h))
				if u.v > 0 {
					sw.take(1, u.v)
				} else {
					sw.take(0, -u.v)
					u = u.scaled(0.2)
				}
				weights = append(weights, u.exp())
				norm = norm.plus(u.exp())
			}
			for k, j := range neighbours {
				alpha := weights[k].times(norm.log().scaled(-1).exp())
				for c := range size {
					v := alpha.times(x.x[j*x.C+h*size+c])
					if op.Average {
						at := &y.x[i*size+c]
						*at = at.plus(v.scaled(1 / float64(op.Heads)))
					} else {
						at := &y.x[i*x.C+h*size+c]
						*at = at.plus(v)
					}
				}
			}
		}
		if op.Bias != "" {
			for c := range y.C {
				at := &y.x[i*y.C+c]
				*at = at.plus(ps[2][c])
			}
		}
	}
}
