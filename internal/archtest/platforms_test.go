package archtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlatforms type-checks the program and its tests, from source, for the platforms that
// BREAKEVEN_PLATFORMS names, such as "darwin/arm64 windows/amd64". It finds what a cross-build
// finds in Go code, in about a fifteenth of the time: it generates no code, and of the packages
// of others it reads the declarations alone.
func TestPlatforms(t *testing.T) {
	list := strings.Fields(os.Getenv("BREAKEVEN_PLATFORMS"))
	if len(list) == 0 {
		t.Skip("BREAKEVEN_PLATFORMS is not set; ./check sets it")
	}
	for _, platform := range list {
		t.Run(strings.ReplaceAll(platform, "/", "-"), func(t *testing.T) {
			goos, goarch, _ := strings.Cut(platform, "/")
			packages, err := packagesOf(goos, goarch)
			if err != nil {
				t.Fatal(err)
			}
			c := &checker{sizes: types.SizesFor("gc", goarch), done: map[string]*types.Package{"unsafe": types.Unsafe}}
			for _, p := range packages {
				for _, err := range c.check(p) {
					t.Errorf("%s: %v", platform, err)
				}
			}
		})
	}
}

// A listed package is what `go list` says of it.
type listed struct {
	ImportPath, Dir string
	GoFiles         []string
	ImportMap       map[string]string
	Standard        bool
	Module          *struct {
		Main      bool
		GoVersion string
	}
}

// ours reports whether the package is of this module: its functions are checked too.
func (p listed) ours() bool { return p.Module != nil && p.Module.Main }

// packagesOf lists the packages of the program on a platform, with their tests, each behind
// those that it imports.
func packagesOf(goos, goarch string) (list []listed, err error) {
	cmd := exec.Command("go", "list", "-deps", "-test", "-json=ImportPath,Dir,GoFiles,ImportMap,Standard,Module", "./...")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("go list: %w: %s", err, exit.Stderr)
		}
		return nil, err
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, err
		}
		// The main packages of tests are generated, and their files in the build cache.
		if p.ImportPath != "unsafe" && !strings.HasSuffix(p.ImportPath, ".test") {
			list = append(list, p)
		}
	}
}

// A checker type-checks packages one after another.
type checker struct {
	sizes types.Sizes
	done  map[string]*types.Package
}

// check checks one package whose imports were checked before, and returns what is wrong in it.
func (c *checker) check(p listed) (errs []error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return []error{err}
		}
		files = append(files, f)
	}
	config := types.Config{
		Importer: importFunc(func(path string) (*types.Package, error) {
			if to, ok := p.ImportMap[path]; ok {
				path = to
			}
			if got := c.done[path]; got != nil {
				return got, nil
			}
			return nil, fmt.Errorf("%s is not among the packages", path)
		}),
		IgnoreFuncBodies: !p.ours(),
		Sizes:            c.sizes,
		Error: func(err error) {
			if p.ours() {
				errs = append(errs, err)
			}
		},
	}
	if p.Module != nil && p.Module.GoVersion != "" {
		config.GoVersion = "go" + p.Module.GoVersion
	}
	// Of what others wrote only the declarations count, and Go's own compiler has checked them.
	path, _, _ := strings.Cut(p.ImportPath, " ")
	c.done[p.ImportPath], _ = config.Check(path, fset, files, nil)
	return errs
}

// An importFunc finds the packages that a package imports.
type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }
