package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"breakeven/internal/testenv"
)

// library is the section of the README on the packages of this module.
var library = regexp.MustCompile("(?s)\n## Use it as a library\n.*?```go\n(.*?)```\n.*?\n\n((?:    [^\n]*\n)+)")

// The program in the README builds in a module beside a clone of this one, by the
// commands in the README, and prints what the README shows. The module cache has all
// that it needs if it has what this module needs.
func TestAnotherModule(t *testing.T) {
	testenv.Slow(t)
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("it needs the go command: ", err)
	}
	text, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := library.FindSubmatch(text)
	if found == nil {
		t.Fatal("the README has no section on the library, with a program and commands")
	}
	dir := filepath.Join(t.TempDir(), "mine")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), found[1], 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root(t), filepath.Join(filepath.Dir(dir), "breakeven")); err != nil {
		t.Skip("it needs a link to this module: ", err)
	}
	for block := range strings.SplitSeq(string(found[2]), "    $ ") {
		command, want, _ := strings.Cut(block, "\n")
		switch {
		case command == "":
		case command == "go mod tidy": // would ask the network for checksums; -mod=mod is enough
		default:
			if got := outside(t, dir, strings.Fields(command)); want != "" && got != strings.ReplaceAll(want, "    ", "") {
				t.Errorf("%s prints %q, and in the README %q", command, got, want)
			}
		}
	}
}

// outside runs a command of another module and returns what it prints.
func outside(t *testing.T, dir string, command []string) string {
	t.Helper()
	c := exec.Command(command[0], command[1:]...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOPROXY=off", "GOSUMDB=off", "PWD="+dir)
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if strings.Contains(stderr.String(), "GOPROXY=off") {
		t.Skip("the module cache lacks a library: ", stderr.String())
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, &stderr)
	}
	return string(out)
}
