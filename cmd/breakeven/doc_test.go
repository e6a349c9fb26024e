package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// excused are commands of the manual that are not run as written: the command that is
// run in their place ("" for none), and the reason.
var excused = map[string]struct{ instead, why string }{
	"breakeven demo":                             {"breakeven demo --quick", "it takes a minute"},
	"breakeven demo --again -o demo.html":        {"breakeven demo --quick --again -o demo.html", "it takes a minute"},
	"breakeven flight demo":                      {"breakeven flight demo --quick", "it takes a minute"},
	"breakeven flight demo --again -o demo.html": {"breakeven flight demo --quick --again -o demo.html", "it takes a minute"},
	"breakeven serve":                            {"breakeven serve --listen 127.0.0.1:0 --for 50ms", "it goes on until Ctrl-C"},
	"breakeven data fetch fashion-mnist":         {"", "tests do not need the network"},
	"breakeven data fetch cifar10":               {"", "tests do not need the network"},
	"breakeven data verify cifar10":              {"", "its files may not be there"},
	"breakeven data verify fashion-mnist":        {"", "its files may not be there"},
}

// scales are the scales of studies that take too long for a test. Whole studies are run by
// TestStudies.
var (
	scales       = regexp.MustCompile(`--scale (demo|small|paper)`)
	wholeStudies = regexp.MustCompile(`^breakeven study run \S+ --scale \S+$`)
)

// stoodIn are the commands that were run in the place of others. Several texts have the same
// ones, each of which takes seconds: once is enough.
var stoodIn = map[string]bool{}

// runManual runs the commands of a text one after the other in a new folder, as a
// reader would.
func runManual(t *testing.T, commands []string) {
	t.Helper()
	t.Chdir(t.TempDir())
	writeOwn(t)
	for _, written := range commands {
		line := written
		if e, ok := excused[line]; ok {
			t.Logf("%s: not run as it stands, %s", line, e.why)
			line = e.instead
		}
		line = scales.ReplaceAllString(line, "--scale test")
		if line == "" || wholeStudies.MatchString(line) || line != written && stoodIn[line] {
			continue
		}
		stoodIn[line] = true
		var stdout, stderr bytes.Buffer
		args := strings.Fields(strings.ReplaceAll(line, "'", ""))[1:]
		if code := execute(args, strings.NewReader(""), &stdout, &stderr); code != 0 {
			t.Fatalf("%s: exit code %d\n%s%s", line, code, &stdout, &stderr)
		}
		if stdout.Len() == 0 && !strings.Contains(line, " -o ") {
			t.Errorf("%s prints nothing", line)
		}
	}
}

// writePhotos writes a folder of images of two classes.
func writePhotos(t *testing.T) {
	t.Helper()
	for i := range 24 {
		name := filepath.Join("photos", []string{"cat", "dog"}[i%2], fmt.Sprintf("%d.png", i))
		err1 := os.MkdirAll(filepath.Dir(name), 0o777)
		f, err2 := os.Create(name)
		if err := cmp.Or(err1, err2, png.Encode(f, image.NewGray(image.Rect(0, 0, 40+i, 60))), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// writeOwn writes the files that the manual assumes: two configurations, a table, images, and
// the weights of a network at two steps.
func writeOwn(t *testing.T) {
	t.Helper()
	writePhotos(t)
	writeNetwork(t)
	table := "petal,sepal,species\n"
	for i := range 150 {
		table += fmt.Sprintf("%d.%d,%d.5,%s\n", i%7, i%10, i%5, []string{"setosa", "versicolor", "virginica"}[i%3])
	}
	net, err := model.New("mlp", nn.Shape{C: 1, H: 28, W: 28}, 10)
	err1 := os.WriteFile("experiment.yaml", []byte(yamlOf(t)), 0o666)
	err2 := os.WriteFile("flowers.csv", []byte(table), 0o666)
	err3 := os.WriteFile("network.yaml", []byte("model: wide\nnetwork: 2*(dense; tanh); dense\nweight_variance: 1.5\n"), 0o666)
	if err := cmp.Or(err, err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	for step := range 2 {
		theta := net.InitialParams(nn.Glorot, uint64(step))
		if err := weights.WriteFile(fmt.Sprintf("ckpt-%d00.safetensors", step+1), tensorsOf(net.Params(), theta), nil); err != nil {
			t.Fatal(err)
		}
	}
}

// wholeNetwork is a file in ONNX, read before a test changes to another folder.
var wholeNetwork, _ = os.ReadFile("../../onnx/testdata/whole.onnx")

// writeNetwork writes the network in ONNX that the manual assumes, its weights at two epochs, and
// examples for it.
func writeNetwork(t *testing.T) {
	t.Helper()
	if err := os.WriteFile("net.onnx", wholeNetwork, 0o666); err != nil {
		t.Fatal(err)
	}
	net, err := model.Described("net.onnx")
	if err != nil {
		t.Fatal(err)
	}
	theta, _, err := model.FromFile(run.Spec{Model: "net.onnx"}, net)
	for epoch := range 2 {
		tensors := append(tensorsOf(net.Params(), theta), tensorsOf(net.Buffers(), net.InitialState())...)
		err = cmp.Or(err, weights.WriteFile(fmt.Sprintf("epoch-%d.safetensors", epoch+1), tensors, nil))
	}
	if err != nil {
		t.Fatal(err)
	}
	writeNPZ(t, "train.npz", 96, "(96, 3, 16, 16)", 96*3*16*16)
}

// writeNPZ writes an npz file of n inputs x, float32, of a shape, and labels y.
func writeNPZ(t *testing.T, name string, n int, shape string, size int) {
	t.Helper()
	inputs, labels := make([]byte, 0, 4*size), make([]byte, n)
	for i := range size {
		inputs = binary.LittleEndian.AppendUint32(inputs, math.Float32bits(float32(i*7919%1000)/500-1))
	}
	for i := range labels {
		labels[i] = byte(i % 5)
	}
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	add := func(name, kind, shape string, numbers []byte) error {
		header := fmt.Sprintf("%-117s\n", fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", kind, shape))
		w, err := z.Create(name)
		if err == nil {
			_, err = fmt.Fprintf(w, "\x93NUMPY\x01\x00%c\x00%s%s", len(header), header, numbers)
		}
		return err
	}
	err := cmp.Or(add("x.npy", "<f4", shape, inputs), add("y.npy", "|u1", fmt.Sprintf("(%d,)", n), labels))
	if err := cmp.Or(err, z.Close(), os.WriteFile(name, file.Bytes(), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// tensorsOf are the tensors of a vector.
func tensorsOf(ps []nn.Param, vector []float32) (tensors []run.Tensor) {
	for _, p := range ps {
		tensors = append(tensors, run.Tensor{Name: p.Name, Shape: p.Shape, Data: vector[p.Offset : p.Offset+p.Size()]})
	}
	return tensors
}

// yamlOf returns the configuration file that the help of run shows.
func yamlOf(t *testing.T) string {
	t.Helper()
	c, _, err := new(app).root().Find([]string{"run"})
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile(`(?m)(^    (\S|  \S).*\n)+`).FindString(c.Long)
	if !strings.Contains(block, "model: mlp") {
		t.Fatalf("the help of run shows no configuration file:\n%s", block)
	}
	return strings.ReplaceAll("\n"+block, "\n    ", "\n")
}

// Every example of the help of every command works, one after the other in an
// empty folder. The library's own commands, help and completion, have none.
func TestExamples(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Name() == "help" || c.Name() == "completion" {
			return
		}
		t.Run(strings.ReplaceAll(c.CommandPath(), " ", "_"), func(t *testing.T) {
			if c.Example == "" {
				t.Error("no example")
			}
			var commands []string
			for line := range strings.Lines(c.Example) {
				commands = append(commands, strings.TrimSpace(line))
			}
			runManual(t, commands)
		})
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(new(app).root())
}

// prompt matches the beginning of a command in the README and in other texts.
var prompt = regexp.MustCompile(`(?m)^(?:    )?\$ (?:go run \./cmd/|)(breakeven( .*)?)$`)

// Every command in the documents of the project works. The commands of one document are
// run one after the other.
func TestManual(t *testing.T) {
	texts, err := filepath.Glob("../../*.md")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(texts, docs...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			var commands []string
			for _, m := range prompt.FindAllStringSubmatch(string(text), -1) {
				if !strings.Contains(m[1], labStore) { // see TestManualOnServer
					commands = append(commands, m[1])
				}
			}
			runManual(t, commands)
		})
	}
}

// The first screen fits on a terminal, and its commands work from top to bottom.
func TestOverview(t *testing.T) {
	code, text, stderr := in()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if code != 0 || stderr != "" || len(lines) < 24 || len(lines) > 40 {
		t.Errorf("exit code %d, %d lines, want 24 to 40\n%s%s", code, len(lines), text, stderr)
	}
	for _, line := range lines {
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
	var commands []string
	for _, p := range purposes() {
		for _, c := range p.commands {
			commands = append(commands, c.line)
			if !strings.Contains(text, "\n  "+c.line) {
				t.Errorf("%s is not on the screen", c.line)
			}
		}
	}
	runManual(t, commands)
}

// Every command and every flag has a help text.
func TestHelp(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Short == "" || len(c.Short) > 70 {
			t.Errorf("%s: short help %q", c.CommandPath(), c.Short)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s: no help", c.CommandPath(), f.Name)
			}
		})
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(new(app).root())
}
