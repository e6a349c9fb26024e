package archtest

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// public reports whether other modules may import a package of ours: it is a
// library, and lies in no folder called internal.
func public(pkg string) bool {
	return strings.HasPrefix(pkg, module+"/") && !internal(pkg) &&
		!strings.HasPrefix(pkg, module+"/bench/") && !strings.HasPrefix(pkg, module+"/cmd/")
}

func internal(pkg string) bool {
	return slices.Contains(strings.Split(pkg, "/"), "internal")
}

// An api collects which types that other modules cannot name occur in the exported
// names of a package.
type api struct {
	pkg    *types.Package
	faults []string
	seen   map[*types.TypeName]bool
}

// hidden returns one line for each exported name of a package that needs a type of
// an internal package: in a signature, a field, a method, or as the other name of
// an alias.
func hidden(pkg *types.Package) []string {
	a := &api{pkg: pkg, seen: map[*types.TypeName]bool{}}
	for _, name := range pkg.Scope().Names() {
		switch o := pkg.Scope().Lookup(name).(type) {
		case *types.TypeName:
			if o.Exported() {
				a.declared(o)
			}
		default:
			if o.Exported() {
				a.visit(name, o.Type())
			}
		}
	}
	return a.faults
}

// declared visits the fields and methods that a type of the package exports.
func (a *api) declared(o *types.TypeName) {
	if a.seen[o] {
		return
	}
	a.seen[o] = true
	switch t := o.Type().(type) {
	case *types.Alias:
		a.visit(o.Name(), t.Rhs())
	case *types.Named:
		a.visit(o.Name(), t.Underlying())
		for i := range t.TypeParams().Len() {
			a.visit(o.Name(), t.TypeParams().At(i).Constraint())
		}
		for m := range t.Methods() {
			if m.Exported() {
				a.visit(o.Name()+"."+m.Name(), m.Type())
			}
		}
	}
}

// visit looks for internal types in the type of a declaration.
func (a *api) visit(name string, t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		a.named(name, t.Obj(), t.TypeArgs())
	case *types.Named:
		a.named(name, t.Obj(), t.TypeArgs())
	case *types.Map:
		a.visit(name, t.Key())
		a.visit(name, t.Elem())
	case interface{ Elem() types.Type }: // pointer, slice, array, channel
		a.visit(name, t.Elem())
	case *types.Signature:
		a.tuple(name, t.Params())
		a.tuple(name, t.Results())
		for i := range t.TypeParams().Len() {
			a.visit(name, t.TypeParams().At(i).Constraint())
		}
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() || f.Embedded() {
				a.visit(name+"."+f.Name(), f.Type())
			}
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			a.visit(name+"."+m.Name(), m.Type())
		}
		for e := range t.EmbeddedTypes() {
			a.visit(name, e)
		}
	case *types.Union:
		for term := range t.Terms() {
			a.visit(name, term.Type())
		}
	}
}

func (a *api) tuple(name string, t *types.Tuple) {
	for v := range t.Variables() {
		a.visit(name, v.Type())
	}
}

// named records an internal type. It also follows types of the package itself that are
// not exported, since their fields and methods are documented nowhere else.
func (a *api) named(name string, o *types.TypeName, args *types.TypeList) {
	switch {
	case o.Pkg() == nil: // error, any
	case o.Pkg() != a.pkg && internal(o.Pkg().Path()) && strings.HasPrefix(o.Pkg().Path(), module+"/"):
		a.faults = append(a.faults, fmt.Sprintf("%s.%s names %s.%s", a.pkg.Path(), name, o.Pkg().Path(), o.Name()))
	case o.Pkg() == a.pkg && !o.Exported():
		a.declared(o)
	}
	for i := range args.Len() {
		a.visit(name, args.At(i))
	}
}

// exports asks the go command for the compiled declarations of all packages.
func exports(t *testing.T) map[string]string {
	t.Helper()
	c := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./...")
	c.Dir = root(t)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("it needs the go command: ", err)
	}
	if err != nil {
		t.Fatalf("%v: %v\n%s", c, err, &stderr)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if pkg, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			files[pkg] = file
		}
	}
	return files
}

// A user of a public package can name every type in its exported API.
func TestExportedNamesNeedNoInternalType(t *testing.T) {
	files := exports(t)
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(pkg string) (io.ReadCloser, error) { return os.Open(files[pkg]) })
	checked := 0
	for pkg := range files {
		if !public(pkg) {
			continue
		}
		p, err := imp.Import(pkg)
		if err != nil {
			t.Fatal(err)
		}
		checked++
		for _, fault := range hidden(p) {
			t.Error(fault)
		}
	}
	if checked < 15 {
		t.Errorf("only %d public packages were found", checked)
	}
}

// The rule finds the faults that it is meant for.
func TestHiddenCatches(t *testing.T) {
	for _, test := range []struct{ body, want string }{
		{`type T = b.T`, "breakeven/a.T names breakeven/internal/b.T"},
		{`func F(map[string][]*b.T) {}`, "breakeven/a.F names breakeven/internal/b.T"},
		{`var V chan func() b.T`, "breakeven/a.V names breakeven/internal/b.T"},
		{`type T struct{ F [2]b.T }`, "breakeven/a.T.F names breakeven/internal/b.T"},
		{`type T struct{ b.T }`, "breakeven/a.T.T names breakeven/internal/b.T"},
		{`type T struct{}; func (*T) M() b.T { return b.T{} }`, "breakeven/a.T.M names breakeven/internal/b.T"},
		{`type I interface{ M(...b.T) }`, "breakeven/a.I.M names breakeven/internal/b.T"},
		{`type t struct{ F b.T }; func New() *t { return nil }`, "breakeven/a.t.F names breakeven/internal/b.T"},
		{`type G[T any] struct{}; var V G[b.T]`, "breakeven/a.V names breakeven/internal/b.T"},
		{`type G[T ~string|b.N] struct{}`, "breakeven/a.G names breakeven/internal/b.N"},
		{`type T struct{ f b.T }; func (T) m(b.T) {}; type u struct { F b.T }; var V error`, ""},
	} {
		fset := token.NewFileSet()
		check := func(name, source string, deps map[string]*types.Package) *types.Package {
			f, err := parser.ParseFile(fset, name+".go", source, 0)
			if err != nil {
				t.Fatal(err)
			}
			conf := types.Config{Importer: importers(deps)}
			p, err := conf.Check(name, fset, []*ast.File{f}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		b := check("breakeven/internal/b", "package b; type T struct{}; type N int", nil)
		a := check("breakeven/a", `package a; import "breakeven/internal/b"; var _ b.T; `+test.body, map[string]*types.Package{b.Path(): b})
		if got := strings.Join(hidden(a), "; "); got != test.want {
			t.Errorf("%s: %q, want %q", test.body, got, test.want)
		}
	}
}

// importers imports the packages of a table.
type importers map[string]*types.Package

func (i importers) Import(pkg string) (*types.Package, error) { return i[pkg], nil }

// misnamed says what is wrong with the package name of a file, which must be that of
// its folder, or main.
func misnamed(f file) string {
	want := path.Base(f.folder())
	if want == "." {
		want = module
	}
	got := f.syntax.Name.Name
	if f.test {
		got = strings.TrimSuffix(got, "_test")
	}
	if got == want || got == "main" {
		return ""
	}
	return fmt.Sprintf("%s is called %s", f.folder(), got)
}

func TestPackagesAreCalledLikeTheirFolders(t *testing.T) {
	for _, f := range files(t, os.DirFS(root(t))) {
		if fault := misnamed(f); fault != "" {
			t.Errorf("%s: %s", f.name, fault)
		}
	}
	strange := file{name: "data/table/a.go", syntax: &ast.File{Name: ast.NewIdent("tables")}}
	if got := misnamed(strange); got != "data/table is called tables" {
		t.Errorf("a package tables in data/table: %q", got)
	}
}

// Every public package has an example.
func TestPublicPackagesHaveExamples(t *testing.T) {
	shown := map[string]bool{}
	for _, f := range files(t, os.DirFS(root(t))) {
		if !public(path.Join(module, f.folder())) || f.syntax.Name.Name == "main" {
			continue
		}
		shown[f.folder()] = shown[f.folder()] || f.test && slices.ContainsFunc(f.syntax.Decls, func(d ast.Decl) bool {
			fn, ok := d.(*ast.FuncDecl)
			return ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Example")
		})
	}
	for folder, ok := range shown {
		if !ok {
			t.Errorf("package %s has no Example", folder)
		}
	}
}
