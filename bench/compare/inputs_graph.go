package main

import (
	"cmp"
	"slices"

	"breakeven/data/graph"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/rng"
	spec "breakeven/run"
	"breakeven/tensor"
)

// The graphs, by name, which is also the file of their weights: Cora, and a random one.
const (
	cora  = "cora"
	large = "graph"
)

const (
	largeNodes    = 200_000
	largeEdges    = 2_000_000 // both directions count as one
	largeFeatures = 128       // of which a node has an eighth
	largeClasses  = 10
)

// counts are the numbers in the file NAME-counts.
type counts struct{ Nodes, Features, Classes, Entries, Edges, Train int32 }

// writeGraphs writes both graphs: NAME-rows, -columns and -numbers are the entries of the
// features, -from and -to the edges in both directions, -labels and -train the nodes.
func writeGraphs(dir folder) error {
	set, err := graph.Open(cora, "")
	if err != nil {
		return err
	}
	c := counts{Classes: int32(set.Classes)}
	if err := dir.saveGraph(cora, c, set.Features, set.Edges, set.Labels, set.Public.Train); err != nil {
		return err
	}
	r := rng.New(1, large)
	labels := make([]int32, largeNodes)
	for i := range labels {
		labels[i] = int32(r.IntN(largeClasses))
	}
	c = counts{Classes: largeClasses}
	train := make([]int32, largeNodes/10)
	for i := range train {
		train[i] = int32(10 * i)
	}
	return dir.saveGraph(large, c, randomFeatures(r), randomEdges(r), labels, train)
}

func randomFeatures(r *rng.Stream) *tensor.CSR {
	start, index := []int{0}, []int32(nil)
	for range largeNodes {
		for j := range largeFeatures {
			if r.IntN(8) == 0 {
				index = append(index, int32(j))
			}
		}
		start = append(start, len(index))
	}
	return tensor.NewCSR(largeNodes, largeFeatures, start, index, ones(len(index)))
}

func randomEdges(r *rng.Stream) *tensor.CSR {
	type pair struct{ to, from int32 }
	var pairs []pair
	for range largeEdges {
		if a, b := int32(r.IntN(largeNodes)), int32(r.IntN(largeNodes)); a != b {
			pairs = append(pairs, pair{a, b}, pair{b, a})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(a.from, b.from)) })
	pairs = slices.Compact(pairs)
	start, index := make([]int, largeNodes+1), make([]int32, len(pairs))
	for k, p := range pairs {
		index[k] = p.from
		start[p.to+1] = k + 1
	}
	for i := range largeNodes { // nodes without edges
		start[i+1] = max(start[i+1], start[i])
	}
	return tensor.NewCSR(largeNodes, largeNodes, start, index, ones(len(index)))
}

func ones(n int) []float32 { return slices.Repeat([]float32{1}, n) }

func (f folder) saveGraph(name string, c counts, x, edges *tensor.CSR, labels, train []int32) error {
	c.Nodes, c.Features, c.Entries, c.Edges, c.Train = int32(x.Rows), int32(x.Cols), int32(len(x.Index)), int32(len(edges.Index)), int32(len(train))
	for suffix, numbers := range map[string][]int32{
		"counts": {c.Nodes, c.Features, c.Classes, c.Entries, c.Edges, c.Train},
		"rows":   rowsOf(x), "columns": x.Index, "to": rowsOf(edges), "from": edges.Index, "labels": labels, "train": train,
	} {
		if err := f.save(name+"-"+suffix, "<i4", numbers, len(numbers)); err != nil {
			return err
		}
	}
	return f.floats(name+"-numbers", x.Value)
}

// rowsOf returns the row of each entry.
func rowsOf(m *tensor.CSR) []int32 {
	rows := make([]int32, 0, len(m.Index))
	for i := range m.Rows {
		for range m.Start[i+1] - m.Start[i] {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// graph reads a graph as a batch whose training nodes count.
func (f folder) graph(name string) (b nn.Batch, err error) {
	c, err := f.counts(name)
	if err != nil {
		return b, err
	}
	load := func(suffix string, n int32) []int32 {
		x := make([]int32, n)
		if err == nil {
			err = f.load(name+"-"+suffix, x)
		}
		return x
	}
	rows, columns := load("rows", c.Entries), load("columns", c.Entries)
	to, from := load("to", c.Edges), load("from", c.Edges)
	labels, train := load("labels", c.Nodes), load("train", c.Train)
	value, e := f.vector(name+"-numbers", int(c.Entries))
	if err == nil {
		err = e
	}
	if err != nil {
		return b, err
	}
	x := tensor.NewCSR(int(c.Nodes), int(c.Features), startsOf(rows, c.Nodes), columns, value)
	a := tensor.NewCSR(int(c.Nodes), int(c.Nodes), startsOf(to, c.Nodes), from, ones(len(from)))
	return nn.Batch{N: int(c.Nodes), In: []nn.Values{{Sparse: x}}, Target: []nn.Target{{Labels: labels}}, Graph: nn.NewGraph(a), Nodes: train}, nil
}

// startsOf returns where each row begins, given the rows of the entries in order.
func startsOf(rows []int32, n int32) []int {
	start := make([]int, n+1)
	for _, i := range rows {
		start[i+1]++
	}
	for i := range n {
		start[i+1] += start[i]
	}
	return start
}

func (f folder) counts(name string) (counts, error) {
	var c [6]int32
	err := f.load(name+"-counts", c[:])
	return counts{c[0], c[1], c[2], c[3], c[4], c[5]}, err
}

// graphNetwork is a graph convolution network with 64 hidden features.
func graphNetwork(c counts) (*nn.Network, error) {
	in := nn.Input{Name: "features", Shape: nn.Vec(int(c.Features)), Sparse: true}
	return model.Of(spec.Spec{Model: "gcn"}, in, int(c.Classes))
}
