package main

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"breakeven/internal/testenv"
	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// excused are commands of the manual that are not run as written: the command that is
// run in their place ("" for none), and the reason.
var excused = map[string]struct{ instead, why string }{
	"breakeven demo":                             {"", "it takes a minute; TestDemoTwice runs it with --quick"},
	"breakeven demo --again -o demo.html":        {"", "it takes a minute; TestDemoTwice runs it with --quick"},
	"breakeven flight demo":                      {"", "it takes a minute; script flight runs it with --quick"},
	"breakeven flight demo --again -o demo.html": {"breakeven flight demo --quick --again -o demo.html", "it takes a minute"},
	"breakeven serve":                            {"breakeven serve --listen 127.0.0.1:0 --for 50ms", "it goes on until Ctrl-C"},
	"breakeven serve --measure experiment.yaml":  {"breakeven serve --measure experiment.yaml --listen 127.0.0.1:0 --for 50ms", "it goes on until Ctrl-C"},
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

// inTest returns the commands of a text as a test runs them.
func inTest(t *testing.T, written []string) (commands []string) {
	for _, line := range written {
		shown := line
		if e, ok := excused[line]; ok {
			t.Logf("%s: not run as it stands, %s", line, e.why)
			line = e.instead
		}
		line = scales.ReplaceAllString(line, "--scale test")
		if line == "" || wholeStudies.MatchString(line) || line != shown && stoodIn[line] {
			continue
		}
		stoodIn[line] = true
		commands = append(commands, line)
	}
	return commands
}

// runManual runs the commands of a text one after the other in a new folder, as a
// reader would, beside those of other texts.
func runManual(t *testing.T, written []string, begun *beginnings) {
	t.Helper()
	commands := inTest(t, written)
	t.Parallel()
	if len(commands) == 0 {
		return
	}
	dir := t.TempDir()
	begun.copyTo(t, dir, commands[0])
	for _, line := range commands[1:] {
		if err := runLine(dir, line); err != nil {
			t.Fatal(err)
		}
	}
}

// runLine runs a command of a text in dir. It is an error if it prints nothing.
func runLine(dir, line string) error {
	var stdout, stderr bytes.Buffer
	c := program(dir, strings.Fields(strings.ReplaceAll(line, "'", ""))[1:]...)
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s%s", line, err, &stdout, &stderr)
	}
	if stdout.Len() == 0 && !strings.Contains(line, " -o ") {
		return fmt.Errorf("%s prints nothing", line)
	}
	return nil
}

// beginnings are folders in which the first command of a text has been run. Many texts begin with
// the same run, which takes seconds: once is enough.
type beginnings struct {
	root string
	mu   sync.Mutex
	runs map[string]func() (string, error)
}

// copyTo makes dir what the command leaves behind in a new folder with the files of writeOwn.
func (b *beginnings) copyTo(t *testing.T, dir, line string) {
	t.Helper()
	b.mu.Lock()
	if b.runs[line] == nil {
		made := filepath.Join(b.root, strconv.Itoa(len(b.runs)))
		b.runs[line] = sync.OnceValues(func() (string, error) {
			writeOwn(t, made)
			return made, runLine(made, line)
		})
	}
	run := b.runs[line]
	b.mu.Unlock()
	made, err := run()
	if err := cmp.Or(err, os.CopyFS(dir, os.DirFS(made))); err != nil {
		t.Fatal(err)
	}
}

// writePhotos writes a folder of images of two classes.
func writePhotos(t *testing.T, dir string) {
	t.Helper()
	for i := range 24 {
		name := filepath.Join(dir, "photos", []string{"cat", "dog"}[i%2], fmt.Sprintf("%d.png", i))
		err1 := os.MkdirAll(filepath.Dir(name), 0o777)
		f, err2 := os.Create(name)
		if err := cmp.Or(err1, err2, png.Encode(f, image.NewGray(image.Rect(0, 0, 40+i, 60))), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// writeOwn writes the files that the manual assumes: two configurations, a table, images, and
// the weights of a network at two steps.
func writeOwn(t *testing.T, dir string) {
	t.Helper()
	writePhotos(t, dir)
	writeNetwork(t, dir)
	table := "petal,sepal,species\n"
	for i := range 150 {
		table += fmt.Sprintf("%d.%d,%d.5,%s\n", i%7, i%10, i%5, []string{"setosa", "versicolor", "virginica"}[i%3])
	}
	net, err := model.New("mlp", nn.Shape{C: 1, H: 28, W: 28}, 10)
	err1 := os.WriteFile(filepath.Join(dir, "experiment.yaml"), []byte(yamlOf(t)), 0o666)
	err2 := os.WriteFile(filepath.Join(dir, "flowers.csv"), []byte(table), 0o666)
	err3 := os.WriteFile(filepath.Join(dir, "network.yaml"), []byte("model: wide\nnetwork: 2*(dense; tanh); dense\nweight_variance: 1.5\n"), 0o666)
	if err := cmp.Or(err, err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	for step := range 2 {
		theta := net.InitialParams(nn.Glorot, uint64(step))
		if err := weights.WriteFile(filepath.Join(dir, fmt.Sprintf("ckpt-%d00.safetensors", step+1)), tensorsOf(net.Params(), theta), nil); err != nil {
			t.Fatal(err)
		}
	}
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

// examples returns the examples of the help of every command. The library's own commands, help
// and completion, have none.
func examples(t *testing.T) (texts []manual) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Name() == "help" || c.Name() == "completion" {
			return
		}
		if c.Example == "" {
			t.Errorf("%s: no example", c.CommandPath())
		}
		text := manual{name: strings.ReplaceAll(c.CommandPath(), " ", "_")}
		for line := range strings.Lines(c.Example) {
			text.commands = append(text.commands, strings.TrimSpace(line))
		}
		texts = append(texts, text)
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(new(app).root())
	return texts
}

// prompt matches the beginning of a command in the README and in other texts.
var prompt = regexp.MustCompile(`(?m)^(?:    )?\$ (?:go run \./cmd/|)(breakeven( .*)?)$`)

// documents returns the commands of the documents of the project, but for those that need a server
// (see TestManualOnServer).
func documents(t *testing.T) (texts []manual) {
	for _, pattern := range []string{"../../*.md", "../../docs/*.md"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text := manual{name: filepath.Base(name)}
			for _, m := range prompt.FindAllStringSubmatch(string(body), -1) {
				if !strings.Contains(m[1], labStore) {
					text.commands = append(text.commands, m[1])
				}
			}
			texts = append(texts, text)
		}
	}
	return texts
}

// A manual is the commands of a text.
type manual struct {
	name     string
	commands []string
}

// Every command works that the help, a document of the project, or the first screen shows.
func TestManual(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	begun := &beginnings{root: t.TempDir(), runs: map[string]func() (string, error){}}
	screen := manual{name: "first screen"}
	for _, p := range purposes() {
		for _, c := range p.commands {
			screen.commands = append(screen.commands, c.line)
		}
	}
	// The longest text, the README, is among the first, so that nothing waits for it alone in the end.
	for _, text := range slices.Concat(documents(t), examples(t), []manual{screen}) {
		t.Run(text.name, func(t *testing.T) { runManual(t, text.commands, begun) })
	}
}

// The first screen fits on a terminal and has every command.
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
	for _, p := range purposes() {
		for _, c := range p.commands {
			if !strings.Contains(text, "\n  "+c.line) {
				t.Errorf("%s is not on the screen", c.line)
			}
		}
	}
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
