package archtest

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// Each rule finds the faults that it is meant for.
func TestRulesCatch(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"spectrum/a.go", `import "breakeven/nn"`, "spectrum/a.go: imports nn, which does not stand left of it"},
		{"nn/a.go", `import "breakeven/model"`, "nn/a.go: imports model"},
		{"ntk/a.go", `import "breakeven/nn"`, "ntk/a.go: imports nn, which ntk/finite*.go alone does"},
		{"ntk/a.go", `import "breakeven/model"`, "ntk/a.go: imports model"},
		{"ntk/a.go", `import "context"`, "ntk/a.go: imports context"},
		{"tensor/a.go", `import "breakeven/tensor/internal/kernel/gen"`, "tensor/a.go: imports tensor/internal/kernel/gen"},
		{"run/a.go", `import "breakeven/internal/weights"`, "run/a.go: imports internal/weights"},
		{"internal/store/a.go", `import "breakeven/trial"`, "internal/store/a.go: imports trial"},
		{"study/one/a.go", `import "breakeven/study/two"`, "study/one/a.go: imports study/two"},
		{"study/one/a.go", `import ("breakeven/run"; "breakeven/study")`, ""},
		{"study/one/a.go", `import "breakeven/nn"`, "study/one/a.go: imports nn"},
		{"study/one/a.go", `import "breakeven/study/catalog"`, "study/one/a.go: imports study/catalog"},
		{"study/a.go", `import "breakeven/study/one"`, "study/a.go: imports study/one"},
		{"study/catalog/a.go", `import ("breakeven/study"; "breakeven/study/one")`, ""},
		{"study/catalog/a.go", `import "breakeven/trial"`, "study/catalog/a.go: imports trial"},
		{"internal/report/a.go", `import "breakeven/study"`, ""},
		{"cmd/breakeven/a.go", `import ("breakeven/study"; "breakeven/study/catalog")`, ""},
		{"cmd/breakeven/a.go", `import "breakeven/study/one"`, "cmd/breakeven/a.go: imports study/one, which only study/catalog knows"},
		{"internal/report/a.go", `import "breakeven/study/one"`, "internal/report/a.go: imports study/one"},
		{"internal/report/a.go", `import "breakeven/study/catalog"`, "internal/report/a.go: imports study/catalog"},
		{"attic/a.go", ``, "attic/a.go: the folder attic is in no line"},
		{"cmd/other/a.go", ``, "cmd/other/a.go: the folder cmd/other is in no line"},
		{"tensor/a.go", `import "C"`, "tensor/a.go: imports C"},
		{"nn/a.go", `import "log/slog"`, "nn/a.go: imports log/slog"},
		{"data/a.go", `import "net/http"`, "data/a.go: imports net/http"},
		{"hierarchy/a.go", `import "breakeven/nn"`, "hierarchy/a.go: imports nn, which hierarchy/finite.go alone does"},
		{"hierarchy/a.go", `import "breakeven/model"`, "hierarchy/a.go: imports model, which does not stand left of it"},
		{"hierarchy/internal/ode/a.go", `import "breakeven/tensor"`, "hierarchy/internal/ode/a.go: imports tensor"},
		{"hierarchy/a.go", `import "log"`, "hierarchy/a.go: imports log"},
		{"curvature/a.go", `import "context"`, "curvature/a.go: imports context"},
		{"curvature/a.go", `import "database/sql"`, "curvature/a.go: imports database/sql"},
		{"train/a.go", `import "math/rand"; var r rand.Rand`, "train/a.go: uses math/rand"},
		{"train/a.go", `import "math/rand/v2"; var r = rand.NewPCG(1, 2)`, "train/a.go: uses math/rand/v2 NewPCG"},
		{"train/a.go", `import "math/rand/v2"; var r = rand.IntN(3)`, "train/a.go: uses math/rand/v2 IntN"},
		{"train/a.go", `import m "math/rand/v2"; var r = m.IntN(3)`, "train/a.go: uses math/rand/v2 IntN"},
		{"cmd/breakeven/a.go", `import "crypto/rand"`, "cmd/breakeven/a.go: uses crypto/rand"},
		{"nn/a.go", `import "runtime"; var n = runtime.NumCPU()`, "nn/a.go: uses runtime NumCPU"},
		{"internal/store/a.go", `import r "runtime"; var n = r.GOMAXPROCS(0)`, "internal/store/a.go: uses runtime GOMAXPROCS"},
		{"nn/a.go", `import "runtime"; var n = runtime.GOOS`, ""},
		{"model/a.go", `import "gonum.org/v1/plot/vg"`, "model/a.go: imports gonum.org/v1/plot/vg, which is for internal/plot"},
		{"model/a.go", `import "github.com/google/go-cmp/cmp"`, "model/a.go: imports github.com/google/go-cmp/cmp, which is for tests"},
		{"model/a.go", `import "example.com/new"`, "model/a.go: imports example.com/new, a library that is not in the table"},
		{"train/a.go", `import ("context"; "math/rand/v2"; "breakeven/run"; "gonum.org/v1/gonum/mat"); var r rand.Source`, ""},
		{"rng/a.go", `import "math/rand/v2"; var r = rand.NewPCG(1, 2)`, ""},
		{"nn/nntest/a.go", `import "breakeven/nn"`, ""},
		{"nn/a_test.go", `import ("breakeven/nn/nntest"; "math/rand/v2"; "github.com/google/go-cmp/cmp")`, ""},
		{"cmd/breakeven/a.go", `import ("breakeven/trial"; "breakeven/internal/store"; "net/http")`, ""},
		{"probe/a.go", `import "breakeven/study/jastrzebski2020breakeven"`, "probe/a.go: imports study/jastrzebski2020breakeven"},
	} {
		syntax, err := parser.ParseFile(token.NewFileSet(), test.name, "package a; "+test.body, 0)
		if err != nil {
			t.Fatal(err)
		}
		f := file{name: test.name, test: strings.HasSuffix(test.name, "_test.go"), syntax: syntax}
		for _, spec := range syntax.Imports {
			f.imports = append(f.imports, strings.Trim(spec.Path.Value, `"`))
		}
		got := faults(f)
		if test.want == "" && len(got) > 0 || test.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], test.want)) {
			t.Errorf("%s with %s: %q, want %q", test.name, test.body, got, test.want)
		}
	}
}
