package task

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"breakeven/data"
	"breakeven/data/graph"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/tensor"
)

// graphs are the classification of the nodes of a graph, of which some have labels for
// training. Each batch is the whole graph; its examples are the nodes that count.
var graphs = Family{
	Name:   "graph",
	Doc:    "classification of the nodes of a graph",
	Sets:   graphSets,
	Files:  func(name string) bool { return recognise("graph", name, graph.IsGraph) },
	Fields: graphFields,
	Lacks:  []string{"train", "valid", "preprocess", "augment", "measure.augment"},
	Open:   openGraph,
	Train: func(s run.Spec) (int, bool) {
		i := slices.IndexFunc(graphSets, func(in data.Info) bool { return in.Name == s.Data })
		if i < 0 || s.Check(graphFields) != nil || graphSplit.Word(s) != graphSplit.Default {
			return 0, false
		}
		return graphSets[i].Train, true
	},
	Reading: func(s run.Spec) int64 {
		if run.IsFile(s.Data) {
			return 8 * size(s.Data)
		}
		return namedBytes
	},
	// Kipf and Welling 2017, with the hidden features of Izadi et al. 2020.
	Usual: map[string]string{
		"data": graph.Cora.Name, "model": "gcn", "method": "adam", "lr": "0.01", "weight_decay": "5e-4",
		"batch": "0", "epochs": "200", "every": "20", "measure.l": "14", "measure.m": "10",
	},
}

var graphSets = []data.Info{graph.Cora, graph.Citeseer, graph.Pubmed}

// A version is a file or folder, beside its neighbours, as they were at a time, and what it
// may be.
type version struct {
	what, path       string
	size             int64
	time, neighbours time.Time
}

// recognised holds, by version, whether it is that. Every field of a spec asks for the family
// of its data, and only the file itself tells graphs and tracks from arrays.
var recognised sync.Map

// recognise reports whether a file is what it may be, by is.
func recognise(what, path string, is func(path string) bool) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	beside, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return false
	}
	v := version{what, path, info.Size(), info.ModTime(), beside.ModTime()}
	if known, ok := recognised.Load(v); ok {
		return known.(bool)
	}
	yes := is(path)
	recognised.Store(v, yes)
	return yes
}

// size returns the bytes of a file, or of the files in a folder.
func size(name string) int64 {
	sum := int64(0)
	_ = filepath.WalkDir(name, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum
}

// isGraph reports whether a data set is a graph.
func isGraph(name string) bool {
	return slices.ContainsFunc(graphSets, func(in data.Info) bool { return in.Name == name })
}

// namedBytes is what the largest of the named graphs takes while it is read.
const namedBytes = 64e6

// The fields that tasks on graphs declare.
var (
	graphSplit = run.Field{Name: "graph_split", Default: "public", Choices: []string{"public", "full", "complete"},
		Doc: "nodes for training: public: those of the data's authors; full: all that are not for validation or test; complete: the first N - 1000, then 500 for validation and 500 for the test"}
	nodeFeatures = run.Field{Name: "features", Default: "row", Choices: []string{"row", "raw"},
		Doc: "row: the features of each node divided by their sum; raw: as published"}
	directed = run.Field{Name: "directed", Default: false,
		Doc: "edges of a graph of your own run in one direction: a node reads those that point to it"}
)

var gamma = run.Field{Name: "gamma", Default: 0.0, Check: checkGamma,
	Doc: "γ of λ(t) = (t/T)^γ, the weight at step t of T with which nodes that are not for training count with the labels that are predicted; 0: they do not count"}

func checkGamma(f run.Field, s run.Spec, _ run.Known) string {
	if g := f.Float(s); !(g >= 0) || g > 1e6 {
		return fmt.Sprintf("must be 0 or more, not %v", g)
	}
	return ""
}

var graphFields = []run.Field{graphSplit, nodeFeatures, directed, gamma}

func openGraph(s run.Spec, dir string) (*Task, error) {
	if err := s.Check(graphFields); err != nil {
		return nil, err
	}
	set, err := readGraph(s, dir)
	if err != nil {
		return nil, err
	}
	parts, err := set.Split(graphSplit.Word(s))
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", s.Data, err)
	}
	x := set.Features
	if nodeFeatures.Word(s) == "row" {
		x = rowsToOne(x)
	}
	net, err := model.Of(s, nn.Input{Name: "features", Shape: nn.Vec(x.Cols), Sparse: true}, set.Classes)
	if err != nil {
		return nil, err
	}
	loss, err := lossOf(s)
	if err != nil {
		return nil, err
	}
	labels := make([]int32, len(set.Labels))
	for i, y := range set.Labels {
		if labels[i] = y; y < 0 {
			labels[i] = nn.Ignored
		}
	}
	g := nn.NewGraph(set.Edges)
	all := nn.Batch{N: x.Rows, In: []nn.Values{{Sparse: x}}, Target: []nn.Target{{Labels: labels}}, Graph: g}
	return &Task{
		Net: net, Loss: loss, Metrics: []Metric{accuracy}, Nodes: x.Rows, Tests: true,
		Train: nodes{all, parts.Train}, Valid: nodes{all, parts.Valid}, Test: nodes{all, parts.Test},
		Each: 4, Bytes: 2*x.Bytes() + g.Bytes(nn.Symmetric, nn.Mean) + 4*int64(len(labels)),
		Batches: nodes{all, parts.Train}.batches, Digest: set.Digest(), Warnings: set.Warnings,
		Unlabelled: others(x.Rows, parts.Train), Gamma: gamma.Float(s),
	}, nil
}

// others returns those of n nodes that are not in a list.
func others(n int, list []int32) []int32 {
	in := make([]bool, n)
	for _, i := range list {
		in[i] = true
	}
	var rest []int32
	for i := range n {
		if !in[i] {
			rest = append(rest, int32(i))
		}
	}
	return rest
}

// readGraph reads a named graph, or the user's own.
func readGraph(s run.Spec, dir string) (*graph.Set, error) {
	if run.IsFile(s.Data) {
		return graph.OpenFile(place(s.Data, dir), graph.Options{Directed: directed.Bool(s)})
	}
	return graph.Open(s.Data, dir)
}

// rowsToOne divides each row by its sum, if that is positive.
func rowsToOne(x *tensor.CSR) *tensor.CSR {
	value := make([]float32, len(x.Value))
	for i := range x.Rows {
		_, row := x.Row(i)
		sum := 0.0
		for _, v := range row {
			sum += float64(v)
		}
		for e, v := range row {
			if value[x.Start[i]+e] = v; sum > 0 {
				value[x.Start[i]+e] = float32(float64(v) / sum)
			}
		}
	}
	return tensor.NewCSR(x.Rows, x.Cols, x.Start, x.Index, value)
}

// nodes are those of a graph that belong to one part of the data.
type nodes struct {
	all  nn.Batch
	list []int32
}

func (n nodes) Len() int { return len(n.list) }

func (n nodes) Read(index []int, stop func() error) (nn.Batch, error) {
	b := n.all
	b.Nodes = make([]int32, len(index))
	for k, i := range index {
		b.Nodes[k] = n.list[i]
	}
	return b, stop()
}

func (n nodes) batches(seed uint64, size int) (Batches, error) {
	if size < 1 || size > len(n.list) {
		return nil, fmt.Errorf("data: a batch of %d nodes of %d that there are for training; ask for 1 to %d", size, len(n.list), len(n.list))
	}
	return &nodeBatches{nodes: n, seed: seed, epoch: -1, size: size}, nil
}

// nodeBatches are the training batches of nodes, in data.Order.
type nodeBatches struct {
	nodes
	seed   uint64
	epoch  int // of order; -1 at first
	order  []int32
	size   int
	chosen []int32
}

func (b *nodeBatches) Steps() int { return len(b.list) / b.size }

func (b *nodeBatches) Bytes() int64 { return 4 * int64(len(b.list)+b.size) }

func (b *nodeBatches) Batch(step int) nn.Batch {
	if epoch := step / b.Steps(); epoch != b.epoch {
		b.order, b.epoch = data.Order(b.seed, epoch, len(b.list)), epoch
	}
	at := step % b.Steps() * b.size
	b.chosen = b.chosen[:0]
	for _, i := range b.order[at : at+b.size] {
		b.chosen = append(b.chosen, b.list[i])
	}
	batch := b.all
	batch.Nodes = b.chosen
	return batch
}
