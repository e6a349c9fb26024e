package onnx

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// A nodeCase is a node test of the ONNX project: a model of one node, with what it reads and makes.
type nodeCase struct {
	model   []byte
	in, out []*tensor
}

// readCase reads a test in the layout of the ONNX project. Data that are no tensors are an error.
func readCase(from fs.FS, name string) (c nodeCase, err error) {
	if c.model, err = fs.ReadFile(from, path.Join(name, "model.onnx")); err != nil {
		return c, err
	}
	for kind, list := range map[string]*[]*tensor{"input": &c.in, "output": &c.out} {
		for k := 0; ; k++ {
			b, err := fs.ReadFile(from, path.Join(name, "test_data_set_0", fmt.Sprintf("%s_%d.pb", kind, k)))
			if errors.Is(err, fs.ErrNotExist) {
				break
			}
			t, err2 := (&graph{left: most}).decodeTensor(b)
			if err := errors.Join(err, err2); err != nil {
				return c, err
			}
			*list = append(*list, t)
		}
	}
	return c, nil
}

// open returns a builder for the node, with those inputs as constants for which live is false.
func (c nodeCase) open(live func(k int) bool) (b *builder, err error) {
	g, err := decode(c.model)
	if err != nil {
		return nil, err
	}
	if len(g.inputs) != len(c.in) || len(g.outputs) != len(c.out) {
		return nil, errors.New("not all of its inputs and outputs are there")
	}
	for k, t := range c.in {
		if own := *t; !live(k) {
			own.name = g.inputs[k].name
			g.tensors = append(g.tensors, &own)
		}
	}
	f := &File{graph: g}
	if g.opset < oldest || g.opset > newest {
		return nil, fmt.Errorf("it is of opset %d", g.opset)
	}
	if err := errors.Join(f.connect(), f.supported()); err != nil {
		return nil, err
	}
	b = newBuilder(f)
	b.start()
	for _, p := range g.outputs {
		b.uses[p.name]++
	}
	return b, nil
}

// constants computes the node with all inputs as constants.
func (c nodeCase) constants() (out []*array, err error) {
	b, err := c.open(func(int) bool { return false })
	if err != nil {
		return nil, err
	}
	for _, n := range b.file.live {
		if err := b.addNode(n); err != nil {
			return nil, err
		}
	}
	for _, p := range b.file.graph.outputs {
		t := b.values[p.name].constant
		if t == nil {
			return nil, fmt.Errorf("output %q is not made", p.name)
		}
		a, err := try(func() *array { return b.array(t) })
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// try returns the fault of a builder as an error.
func try[T any](f func() T) (v T, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case fault:
			err = r.error
		case string:
			err = errors.New(r)
		default:
			panic(r)
		}
	}()
	return f(), nil
}

// agree reports how computed and expected numbers differ, "" if they do not.
func agree(got []*array, want []*tensor) string {
	for k, a := range got {
		t := want[k]
		if !slices.Equal(a.dims, t.dims) && len(a.dims)+len(t.dims) > 0 {
			return fmt.Sprintf("output %d has the shape %v, want %v", k, a.dims, t.dims)
		}
		limit := map[kind]float64{float16s: 2e-3, bfloat16s: 2e-2}[t.kind]
		if limit == 0 {
			limit = 1e-5
		}
		text := ""
		_ = t.each("", func(i int, bits uint64) {
			x, y := a.real(i), t.kind.float(bits)
			if !(math.Abs(x-y) <= limit*(1+math.Abs(y))) && !(x != x && y != y) && x != y && text == "" {
				text = fmt.Sprintf("number %d of output %d is %v, want %v", i, k, x, y)
			}
		})
		if text != "" {
			return text
		}
	}
	return ""
}

// run computes a test in all ways that are supported; passed says in which, refused why in no other.
func (c nodeCase) run(t *testing.T) (passed []string, refused error) {
	ways := map[string]func() ([]*array, error){
		"constants": c.constants,
		"all":       func() ([]*array, error) { return c.network(func(int) bool { return true }, sequences) },
		"first":     func() ([]*array, error) { return c.network(func(k int) bool { return k == 0 }, sequences) },
		"second":    func() ([]*array, error) { return c.network(func(k int) bool { return k == 1 }, sequences) },
		"turned":    func() ([]*array, error) { return c.network(func(k int) bool { return k == 0 }, stepsFirst) },
		"signals":   func() ([]*array, error) { return c.network(func(k int) bool { return k == 0 }, signals) },
	}
	for _, way := range []string{"constants", "all", "first", "second", "turned", "signals"} {
		got, err := ways[way]()
		if err != nil {
			if refused == nil || way == "first" {
				refused = err
			}
			continue
		}
		if text := agree(got, c.out); text != "" {
			t.Errorf("with %s as activations: %s", way, text)
			continue
		}
		passed = append(passed, way)
	}
	return passed, refused
}

// onPurpose are tests that networks here do not agree with: what is random, the log-softmax before the
// output, which the loss makes, and outputs that are written with four digits.
var onPurpose = []string{"test_training_dropout", "test_logsoftmax", "test_averagepool_2d_ceil_last_window_starts_on_pad"}

// refusals are the tests that are refused, by a list in testdata.
func refusals(t *testing.T) map[string]bool {
	b, err := os.ReadFile("testdata/nodes-refused.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, name := range strings.Fields(string(b)) {
		all[name] = true
	}
	return all
}

// archived returns the files of an archive.
func archived(t *testing.T, name string) fs.FS {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files
		}
		b, err2 := io.ReadAll(r)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		files[h.Name] = &fstest.MapFile{Data: b}
	}
}

// The node tests of the ONNX project pass, in any way in which a graph of one node is no error: as constants, or as a network
// that reads some of its inputs. Small ones are in testdata. BREAKEVEN_ONNX_NODES names the folder of all that
// bench/peers/onnx_nodes.py writes: of these those that are refused are listed.
func TestNodes(t *testing.T) {
	var from fs.FS
	folder := os.Getenv("BREAKEVEN_ONNX_NODES")
	if from = os.DirFS(folder); folder == "" {
		from = archived(t, "testdata/nodes.tar.gz")
	}
	list, err := fs.ReadDir(from, ".")
	if err != nil {
		t.Fatal(err)
	}
	listed := refusals(t)
	for _, e := range list {
		name := e.Name()
		if slices.ContainsFunc(onPurpose, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		c, err := readCase(from, name)
		if folder != "" && err != nil {
			continue // numbers of a kind that is not read
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			passed, refused := c.run(t)
			t.Log(strings.Join(passed, " "), "|", refused)
			if (passed == nil) != listed[name] && !t.Failed() {
				t.Errorf("passed as %v, and listed as refused: %v (%v)", passed, listed[name], refused)
			}
		})
	}
}
