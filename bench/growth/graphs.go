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
	return ones(rows, cols, func(int) (row []int32) {
		for range each {
			row = append(row, int32(r.IntN(cols)))
		}
		return row
	})
}

// both is a graph with every edge in both directions, and no node that is joined to itself.
func both(m *tensor.CSR) *tensor.CSR {
	back := m.T()
	return ones(m.Rows, m.Cols, func(i int) []int32 {
		to, _ := m.Row(i)
		from, _ := back.Row(i)
		return slices.DeleteFunc(slices.Concat(to, from), func(j int32) bool { return j == int32(i) })
	})
}

// ones is a matrix with a one in each column that row names for a row, in any order.
func ones(rows, cols int, row func(i int) []int32) *tensor.CSR {
	start, index := make([]int, rows+1), []int32(nil)
	for i := range rows {
		columns := row(i)
		slices.Sort(columns)
		index = append(index, slices.Compact(columns)...)
		start[i+1] = len(index)
	}
	return tensor.NewCSR(rows, cols, start, index, slices.Repeat([]float32{1}, len(index)))
}
