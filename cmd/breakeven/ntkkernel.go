package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"breakeven/internal/atomicfile"
	"breakeven/internal/numpy"
	"breakeven/trial"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/mat"
)

func (a *app) ntkKernelCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "kernel [network.yaml]",
		Short: "Compute the kernels of the training examples at infinite width",
		Long: `Computes the covariance of outputs before training (NNGP) and the tangent
kernel (NTK) of the training examples, in float64, for the network that
--network or a file names. -o FILE.npz keeps both, as the arrays nngp and ntk;
they may be larger than the memory. The eigenvalues of kernels of up to 2,000
examples are printed.

` + layersHelp,
		Example: `  breakeven ntk kernel --network '3*(dense;relu);dense' --train 100 -o kernel.npz
  breakeven ntk kernel network.yaml --law delta-orthogonal --train 20`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags, output := a.infiniteFlags(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		t, _, err := a.infinite(args, flags)
		if err != nil {
			return err
		}
		n, _, outputs := t.Examples()
		k := newKernelFile(n)
		if err := a.working("kernels", func(ctx context.Context, m *meter) error { return k.make(ctx, t, *output, m) }); err != nil {
			return err
		}
		return a.printKernel(k, outputs)
	}
	return c
}

// mostEigenvalues is up to how many examples eigenvalues are computed.
const mostEigenvalues = 2000

// A kernelFile is both kernels of n examples on their way to a file.
type kernelFile struct {
	n     int
	rows  int
	trace [2]float64
	whole [2]*mat.SymDense // nil for many examples
}

func newKernelFile(n int) *kernelFile {
	k := &kernelFile{n: n}
	if n <= mostEigenvalues {
		k.whole = [2]*mat.SymDense{mat.NewSymDense(n, nil), mat.NewSymDense(n, nil)}
	}
	return k
}

// make computes the kernels, and writes them to a file if it has a name. An npz file holds
// one array after the other: the second waits in a file beside it.
func (k *kernelFile) make(ctx context.Context, t *trial.Infinite, name string, m *meter) error {
	if name == "" {
		return t.Kernels(ctx, func(nngp, theta *mat.Dense) error { k.keep(m, nngp, theta); return nil })
	}
	err := atomicfile.Write(name, func(w io.Writer) error {
		second, err := os.CreateTemp(filepath.Dir(name), ".*.unfinished")
		if err != nil {
			return err
		}
		defer func() { _ = os.Remove(second.Name()) }()
		err = k.write(ctx, t, w, second, m)
		return errors.Join(err, second.Close())
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return err
}

func (k *kernelFile) write(ctx context.Context, t *trial.Infinite, w io.Writer, second *os.File, m *meter) error {
	z := numpy.NewWriter(w)
	first, err := z.Begin("nngp", []int{k.n, k.n}, false)
	if err != nil {
		return err
	}
	waiting := bufio.NewWriter(second)
	err = t.Kernels(ctx, func(nngp, theta *mat.Dense) error {
		k.keep(m, nngp, theta)
		return errors.Join(first.Write(nngp.RawMatrix().Data), binary.Write(waiting, binary.LittleEndian, theta.RawMatrix().Data))
	})
	if err := errors.Join(err, waiting.Flush()); err != nil {
		return err
	}
	if _, err := second.Seek(0, io.SeekStart); err != nil {
		return err
	}
	rest, err := z.Begin("ntk", []int{k.n, k.n}, false)
	if err != nil {
		return err
	}
	from, row := bufio.NewReader(second), make([]float64, k.n)
	for range k.n {
		if err := errors.Join(binary.Read(from, binary.LittleEndian, row), rest.Write(row)); err != nil {
			return err
		}
	}
	return z.Close()
}

// keep notes what is printed of rows of both kernels.
func (k *kernelFile) keep(m *meter, nngp, theta *mat.Dense) {
	for which, part := range []*mat.Dense{nngp, theta} {
		rows, cols := part.Dims()
		for i := range rows {
			k.trace[which] += part.At(i, k.rows+i)
			if k.whole[which] != nil {
				for j := range cols {
					k.whole[which].SetSym(k.rows+i, j, part.At(i, j))
				}
			}
		}
	}
	rows, _ := nngp.Dims()
	k.rows += rows
	m.set(float64(k.rows)/float64(k.n), "kernels")
}

// An infiniteJSON is what is printed of a kernel.
type infiniteJSON struct {
	Kernel   string   `json:"kernel"`
	Examples int      `json:"examples"`
	Mean     float64  `json:"mean_diagonal"`
	Largest  *float64 `json:"largest,omitempty"`
	Smallest *float64 `json:"smallest,omitempty"`
	Rate     *float64 `json:"largest_learning_rate,omitempty"`
}

func (a *app) printKernel(k *kernelFile, outputs int) error {
	var list []infiniteJSON
	t := &table{head: []string{"kernel", "examples", "mean of diagonal", "largest eigenvalue", "smallest", "largest learning rate"}}
	for which, name := range []string{"nngp", "ntk"} {
		j := infiniteJSON{Kernel: name, Examples: k.n, Mean: k.trace[which] / float64(k.n)}
		row := []string{name, fmt.Sprint(k.n), fmt.Sprintf("%.6g", j.Mean), "-", "-", "-"}
		if k.whole[which] != nil {
			var e mat.EigenSym
			if !e.Factorize(k.whole[which], false) {
				return fmt.Errorf("the eigenvalues of the kernel %s were not found: the iteration did not converge", name)
			}
			v := e.Values(nil)
			j.Largest, j.Smallest = &v[k.n-1], &v[0]
			row[3], row[4] = fmt.Sprintf("%.6g", v[k.n-1]), fmt.Sprintf("%.4g", v[0])
			if which == 1 && v[k.n-1] > 0 {
				rate := float64(k.n*outputs) / v[k.n-1] // 2/λ of the loss mse, whose scale is 2/(N·O)
				j.Rate, row[5] = &rate, fmt.Sprintf("%.4g", rate)
			}
		}
		list = append(list, j)
		t.add(row...)
	}
	if a.json {
		return printJSON(a.stdout, list)
	}
	if err := t.write(a.stdout); err != nil || math.IsNaN(list[0].Mean) {
		return err
	}
	_, err := fmt.Fprintln(a.stdout, "\nThe largest learning rate is that of gradient descent on all examples with the loss mse.")
	return err
}
