package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "breakeven"

// catalogue is the one folder that knows studies by name.
const catalogue = "study/catalog"

// A file is a Go file of the tree.
type file struct {
	name    string // relative to the root, with slashes
	test    bool
	imports []string
	syntax  *ast.File
}

func (f file) folder() string { return path.Dir(f.name) }

// root returns the folder of go.mod, this one or one above.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod in any folder above")
		}
		dir = filepath.Dir(dir)
	}
}

// files parses all Go files of the tree, whatever their build tags.
func files(t *testing.T, tree fs.FS) []file {
	t.Helper()
	var list []file
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := d.Name(); d.IsDir() && name != "." && (base == "testdata" || base[0] == '.' || base[0] == '_') {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		f := file{name: name, test: strings.HasSuffix(name, "_test.go"), syntax: syntax}
		for _, spec := range syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, imported)
		}
		list = append(list, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// under reports whether folder is one of the parents, or lies in one.
func under(folder string, parents ...string) bool {
	return slices.ContainsFunc(parents, func(p string) bool {
		return p == "." || folder == p || strings.HasPrefix(folder, p+"/")
	})
}

// room returns the entry of the table for a folder, the longest that holds it.
func room(folder string) (allowed []string, ok bool) {
	for at := folder; ; at = path.Dir(at) {
		if at != folder {
			if allowed, ok := rooms[at+"/..."]; ok {
				return allowed, true
			}
		}
		if allowed, ok := rooms[at]; ok && (at == folder || at != ".") {
			return allowed, true
		}
		if at == "." {
			return nil, false
		}
	}
}

// permits reports whether a list of the table names a folder.
func permits(allowed []string, folder string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		if parent, all := strings.CutSuffix(a, "..."); all {
			return strings.HasPrefix(folder+"/", parent)
		}
		return a == folder
	})
}

// faults returns one line for everything in a file that breaks a rule.
func faults(f file) []string {
	var list []string
	fault := func(format string, args ...any) {
		list = append(list, f.name+": "+fmt.Sprintf(format, args...))
	}
	allowed, known := room(f.folder())
	if !known {
		fault("the folder %s is in no line of the table of rooms", f.folder())
	}
	for _, imported := range f.imports {
		own, ours := strings.CutPrefix(imported, module+"/")
		switch {
		case banned[imported] != "":
			fault("imports %s: %s", imported, banned[imported])
		case ours && !f.test && known && own != f.folder() && !permits(allowed, own):
			fault("imports %s, which does not stand left of it", own)
		case ours && !f.test && alone[f.folder()][own] != "" && !fits(alone[f.folder()][own], f.name):
			fault("imports %s, which %s alone does", own, alone[f.folder()][own])
		case !f.test && under(own, "study") && own != "study" && own != catalogue && f.folder() != catalogue:
			fault("imports %s, which only %s knows", own, catalogue)
		case ours, imported == module:
		case strings.Contains(strings.Split(imported, "/")[0], "."):
			if why := foreign(f, imported); why != "" {
				fault("imports %s, %s", imported, why)
			}
		case f.test || excused[f.name] != "":
		case imported == "runtime" && !under(f.folder(), counting...):
			if used := uses(f.syntax, imported, countsProcessors); used != "" {
				fault("uses runtime %s: ask internal/processors, once in an operation", used)
			}
		case slices.Contains(forbidden, imported) && under(f.folder(), science...):
			fault("imports %s, which no room of computation does", imported)
		case slices.Contains(randomness, imported) && f.folder() != "rng":
			if used := seeds(f.syntax, imported); imported != "math/rand/v2" || used != "" {
				fault("uses %s %s: only rng seeds anything", imported, used)
			}
		}
	}
	return list
}

// foreign returns why a file may not import an external library, or "".
func foreign(f file, imported string) string {
	for library, folders := range libraries {
		if !under(imported, library) {
			continue
		}
		switch {
		case f.test:
			return ""
		case slices.Contains(testOnly, library):
			return "which is for tests"
		case !under(f.folder(), folders...):
			return "which is for " + strings.Join(folders, ", ")
		}
		return ""
	}
	return "a library that is not in the table"
}

// seeds returns what a file uses of a package of random numbers apart from its types.
func seeds(syntax *ast.File, imported string) string {
	return uses(syntax, imported, func(name string) bool { return !slices.Contains(randomTypes, name) })
}

func countsProcessors(name string) bool { return name == "GOMAXPROCS" || name == "NumCPU" }

// uses returns the names of a package that a file uses and that match.
func uses(syntax *ast.File, imported string, match func(name string) bool) string {
	var used []string
	for _, spec := range syntax.Imports {
		if spec.Path.Value != strconv.Quote(imported) {
			continue
		}
		name := path.Base(imported)
		if name == "v2" {
			name = path.Base(path.Dir(imported))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			return "by its bare names"
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == name && match(s.Sel.Name) {
					used = append(used, s.Sel.Name)
				}
			}
			return true
		})
	}
	return strings.Join(used, ", ")
}

func TestRules(t *testing.T) {
	list := files(t, os.DirFS(root(t)))
	if len(list) < 50 {
		t.Fatalf("only %d files were found", len(list))
	}
	for _, f := range list {
		for _, fault := range faults(f) {
			t.Error(fault)
		}
	}
	for name, why := range excused {
		if !slices.ContainsFunc(list, func(f file) bool { return f.name == name }) {
			t.Errorf("%s is excused (%s) and does not exist", name, why)
		}
	}
}

// The table agrees with the design's drawing of imports, and has no cycle.
func TestRoomsHaveNoRing(t *testing.T) {
	var visit func(name string, trail []string)
	visit = func(name string, trail []string) {
		if slices.Contains(trail, name) {
			t.Fatalf("a ring: %s → %s", strings.Join(trail, " → "), name)
		}
		for _, to := range rooms[name] {
			if to = strings.TrimSuffix(to, "/..."); to != name && name != "cmd/breakeven" {
				visit(to, append(trail, name))
			}
		}
	}
	for name := range rooms {
		if !strings.HasSuffix(name, "/...") {
			visit(name, nil)
		}
	}
	for _, plumbing := range []string{"internal/store", "internal/report", "internal/plot", "internal/worker", "internal/export", "internal/config"} {
		for _, far := range []string{"nn", "model", "curvature", "train", "probe", "trial"} {
			if permits(rooms[plumbing], far) {
				t.Errorf("%s may import %s", plumbing, far)
			}
		}
	}
}

// fits reports whether a pattern, or a name, is that of a file.
func fits(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
