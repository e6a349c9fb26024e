package task

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
	"breakeven/run"
)

func going() error { return nil }

func cora(t *testing.T, more map[string]string) *Task {
	t.Helper()
	s, err := Usual("graph")
	if err != nil {
		t.Fatal(err)
	}
	s.More = more
	task, err := Open(s, "")
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// Cora and its splits have the published sizes, and no node is in two parts.
func TestGraphSplits(t *testing.T) {
	for split, sizes := range map[string][3]int{"public": {140, 500, 1000}, "full": {1208, 500, 1000}, "complete": {1708, 500, 500}} {
		task := cora(t, map[string]string{"graph_split": split})
		seen := map[int32]bool{}
		for k, part := range []Examples{task.Train, task.Valid, task.Test} {
			if part.Len() != sizes[k] {
				t.Errorf("%s: part %d has %d nodes, want %d", split, k, part.Len(), sizes[k])
			}
			index := make([]int, part.Len())
			for i := range index {
				index[i] = i
			}
			b, err := part.Read(index, going)
			if err != nil || b.N != 2708 || b.Len() != sizes[k] {
				t.Errorf("%s: a batch of %d nodes that count of %d, %v", split, b.Len(), b.N, err)
			}
			for _, node := range b.Nodes {
				if seen[node] {
					t.Errorf("%s: node %d is in two parts", split, node)
				}
				seen[node] = true
			}
		}
		if n, ok := TrainSize(run.Spec{Data: "cora", More: map[string]string{"graph_split": split}}); ok && n != sizes[0] || ok != (split == "public") {
			t.Errorf("%s: %d training nodes are known: %v", split, n, ok)
		}
	}
}

// Rows of features are divided by their sums, unless they are wanted raw.
func TestGraphFeatures(t *testing.T) {
	for kind, want := range map[string]float64{"row": 1, "raw": 0} {
		b, err := cora(t, map[string]string{"features": kind}).Train.Read([]int{0}, going)
		if err != nil {
			t.Fatal(err)
		}
		_, row := b.In[0].Sparse.Row(0)
		if want == 0 {
			want = float64(len(row)) // ones
		}
		sum := 0.0
		for _, v := range row {
			sum += float64(v)
		}
		if math.Abs(sum-want) > 1e-6 {
			t.Errorf("%s features sum to %v, want %v", kind, sum, want)
		}
	}
}

// Batches are a function of seed, size and step, and an epoch has each node once.
func TestGraphBatches(t *testing.T) {
	task := cora(t, nil)
	b, err := task.Batches(3, 35)
	if err != nil {
		t.Fatal(err)
	}
	var epoch []int32
	for step := range 4 {
		epoch = append(epoch, b.Batch(step).Nodes...)
	}
	later := slices.Clone(b.Batch(7).Nodes)
	again, _ := task.Batches(3, 35)
	if got := again.Batch(7).Nodes; !slices.Equal(got, later) || b.Steps() != 4 {
		t.Errorf("step 7 has the nodes %v, and then %v", later, got)
	}
	slices.Sort(epoch)
	if len(slices.Compact(epoch)) != 140 {
		t.Errorf("an epoch has %d different nodes, want 140", len(epoch))
	}
	for _, size := range []int{0, 141} {
		if _, err := task.Batches(0, size); err == nil {
			t.Errorf("a batch of %d nodes", size)
		}
	}
}

// What validation and test nodes are labelled changes no gradient.
func TestLabelsDoNotLeak(t *testing.T) {
	task := cora(t, map[string]string{"width": "8"})
	b, err := task.Train.Read([]int{0, 5, 77}, going)
	if err != nil {
		t.Fatal(err)
	}
	p := task.Net.Compile(nn.Settings{Batch: b.N})
	p.SetParams(task.Net.InitialParams(nn.Glorot, 1))
	gradient := func(b nn.Batch) []float32 {
		g := make([]float32, task.Net.Dim())
		p.Forward(b)
		p.Gradient(g, 1, false)
		return g
	}
	other := b
	labels := slices.Clone(b.Target[0].Labels)
	for i := range labels {
		if !slices.Contains(b.Nodes, int32(i)) {
			labels[i] = (labels[i] + 1) % 7
		}
	}
	other.Target = []nn.Target{{Labels: labels}}
	if !slices.Equal(gradient(b), gradient(other)) {
		t.Error("labels of other nodes change the gradient")
	}
}

// A folder with an edge list and a table of nodes is a task.
func TestOwnGraph(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"edges.csv": "source,target\n1,2\n2,3\n3,4\n4,1\n5,1\n",
		"nodes.csv": "id,label,split,a,b\n1,x,train,1,0\n2,y,train,0,1\n3,x,valid,1,1\n4,y,test,0,1\n5,x,test,1,0\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := Usual("graph")
	s.Data = dir
	task, err := Open(s, "")
	if err != nil {
		t.Fatal(err)
	}
	if task.Nodes != 5 || task.Train.Len() != 2 || task.Valid.Len() != 1 || task.Test.Len() != 2 || task.Net.Output() != nn.Vec(2) || len(task.Digest) != 64 {
		t.Errorf("%d nodes, %d, %d and %d of them in parts, outputs %v, digest %q", task.Nodes, task.Train.Len(), task.Valid.Len(), task.Test.Len(), task.Net.Output(), task.Digest)
	}
	s.More = map[string]string{"graph_split": "complete"}
	if _, err := Open(s, ""); err == nil || !strings.Contains(err.Error(), "complete") {
		t.Errorf("a split of 1,500 nodes of 5: %v", err)
	}
}

func TestUsual(t *testing.T) {
	s, err := Usual("graph")
	if err != nil || s.Data != "cora" || s.Model != "gcn" || s.Method != "adam" || s.LR != 0.01 || s.Batch != 0 || s.Measure.L != 14 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := Usual("grahp"); err == nil || !strings.Contains(err.Error(), `did you mean "graph"`) {
		t.Error(err)
	}
	if _, err := Usual("images"); err == nil {
		t.Error("images have usual settings")
	}
}
