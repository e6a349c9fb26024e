package main

import (
	"slices"

	"breakeven/model"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/run"
	"breakeven/tensor"
)

// perNode is how many random edges a node of a random graph has on average, in both directions.
const perNode = 20

// graphSteps are a step of SGD and a product with the Hessian of two graph convolutions on a
// random graph of so many edges: every node has five of 64 features and every tenth a label.
func graphSteps(edges int) []work {
	nodes := 2 * edges / perNode
	r := rng.New(1, "graph")
	links := sparse(nodes, nodes, perNode/2, r)
	set := nn.Batch{N: nodes, In: []nn.Values{{Sparse: sparse(nodes, 64, 5, r)}}, Graph: nn.NewGraph(both(links)),
		Target: []nn.Target{{Labels: make([]int32, nodes)}}}
	for i := range nodes {
		set.Target[0].Labels[i] = int32(r.IntN(8))
		if i%10 == 0 {
			set.Nodes = append(set.Nodes, int32(i))
		}
	}
	net, err := model.Of(run.Spec{Model: "gcn"}, nn.Input{Name: "features", Shape: nn.Vec(64), Sparse: true}, 8)
	must(err)
	return passesOver(net, set, nn.CrossEntropy{})
}

// sparse is a random matrix with so many ones in a row, some of them at the same place.
func sparse(rows, cols, each int, r *rng.Stream) *tensor.CSR {
	start, index := make([]int, rows+1), make([]int32, 0, rows*each)
	for i := range rows {
		for range each {
			index = append(index, int32(r.IntN(cols)))
		}
		start[i+1] = len(index)
	}
	return sorted(rows, cols, start, index)
}

// sorted makes a matrix of ones of rows of columns in any order.
func sorted(rows, cols int, start []int, index []int32) *tensor.CSR {
	kept, begin := index[:0], make([]int, rows+1)
	for i := range rows {
		row := compacted(index[start[i]:start[i+1]])
		kept = append(kept, row...)
		begin[i+1] = len(kept)
	}
	value := make([]float32, len(kept))
	for i := range value {
		value[i] = 1
	}
	return tensor.NewCSR(rows, cols, begin, kept, value)
}

// compacted sorts a row in place, and leaves each column once.
func compacted(row []int32) []int32 {
	slices.Sort(row)
	return slices.Compact(row)
}

// both is a graph with every edge in both directions.
func both(m *tensor.CSR) *tensor.CSR {
	count := make([]int, m.Rows+1)
	each := func(f func(i, j int32)) {
		for i := range m.Rows {
			for _, j := range m.Index[m.Start[i]:m.Start[i+1]] {
				if int32(i) != j {
					f(int32(i), j)
					f(j, int32(i))
				}
			}
		}
	}
	each(func(i, _ int32) { count[i+1]++ })
	for i := range m.Rows {
		count[i+1] += count[i]
	}
	index, next := make([]int32, count[m.Rows]), append([]int(nil), count...)
	each(func(i, j int32) { index[next[i]] = j; next[i]++ })
	return sorted(m.Rows, m.Cols, count, index)
}
