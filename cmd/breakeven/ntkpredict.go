package main

import (
	"context"
	"fmt"
	"io"
	"math"

	"breakeven/internal/numpy"
	"breakeven/ntk"
	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/mat"
)

func (a *app) ntkPredictCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "predict [network.yaml]",
		Short: "Predict what infinitely wide networks do after training",
		Long: `Predicts what networks of infinite width do on the training and the validation
examples, on average over their initial weights: before training, after --steps
of gradient descent on all examples at --lr with the loss mse, and for ever; and
beside that what the NNGP posterior says, and kernel regression with the ridge
that predicts best what it has not seen (leave-one-out).

-o FILE.npz keeps the predictions on the validation examples after training for
ever: mean, variance and targets.

` + layersHelp,
		Example: `  breakeven ntk predict --network '2*(dense;relu);dense' --train 100 --valid 50 --steps 100 --lr 0.1
  breakeven ntk predict network.yaml --train 60 --valid 20 -o prediction.npz`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags, output := a.infiniteFlags(c, "lr", "steps")
	c.RunE = func(_ *cobra.Command, args []string) error {
		t, spec, err := a.infinite(args, flags)
		if err != nil {
			return err
		}
		if err := checkMemory(withGarbage(t.Memory()), a.memory, wideLevers); err != nil {
			return err
		}
		var p predictions
		if err := a.working("predicting", func(ctx context.Context, _ *meter) (err error) {
			p, err = predict(ctx, t, spec)
			return err
		}); err != nil {
			return err
		}
		if *output != "" {
			if err := a.writeTo(*output, p.save); err != nil {
				return err
			}
		}
		return a.printPredictions(p)
	}
	return c
}

// wideLevers say what makes the memory of kernels smaller.
var wideLevers = map[string]string{"kernels": "--train or --valid", "data": "--train or --valid"}

// A prediction is what networks do in one respect, or on average at one time.
type prediction struct {
	Name   string      `json:"name"`
	Values []run.Value `json:"values"` // of all sides
}

// predictions are those of a network.
type predictions struct {
	list           []prediction
	mean           *mat.Dense // on the last side, for ever
	variance       []float64
	targets        *mat.Dense
	largestRate    float64
	null, examples int
}

// predict makes all predictions.
func predict(ctx context.Context, t *trial.Infinite, spec run.Spec) (p predictions, err error) {
	r, sides, err := t.Regression(ctx)
	if err != nil {
		return p, err
	}
	p.largestRate, p.null = r.MaxLearningRate(), r.Null
	p.examples, _, _ = t.Examples()
	add := func(name string, of func(s trial.Side) (*mat.Dense, []float64)) {
		one := prediction{Name: name}
		for _, s := range sides {
			mean, variance := of(s)
			for _, v := range s.Expected(mean, variance) {
				v.Key = s.Prefix + v.Key
				one.Values = append(one.Values, v)
			}
			p.mean, p.variance, p.targets = mean, variance, s.Targets
		}
		p.list = append(p.list, one)
	}
	network := func(at *ntk.Trained) func(s trial.Side) (*mat.Dense, []float64) {
		return func(s trial.Side) (*mat.Dense, []float64) {
			return at.Mean(s.Theta), trial.Variances(at.Covariance(s.Theta, s.NNGP, s.Own))
		}
	}
	train := sides[0]
	posterior, err := ntk.NewRegression(train.Own, train.Own, train.Targets, nil)
	if err != nil {
		return p, err
	}
	ridge, err := ntk.LeaveOneOut(symmetricOf(train.Theta), train.Targets)
	if err != nil {
		return p, err
	}
	add("before training", network(r.Steps(spec.LR, 0)))
	if spec.Steps > 0 {
		add(fmt.Sprintf("after %d steps of %v", spec.Steps, spec.LR), network(r.Steps(spec.LR, spec.Steps)))
	}
	bayes := posterior.Flow(math.Inf(1))
	add("NNGP posterior", func(s trial.Side) (*mat.Dense, []float64) {
		return bayes.Mean(s.NNGP), trial.Variances(bayes.Covariance(s.NNGP, s.NNGP, s.Own))
	})
	add(fmt.Sprintf("regression, ridge %.3g", ridge.Ridge), func(s trial.Side) (*mat.Dense, []float64) {
		return ridge.Predict(s.Theta), make([]float64, s.Own.SymmetricDim())
	})
	add("trained for ever", network(r.Flow(math.Inf(1))))
	return p, ctx.Err()
}

// symmetricOf returns a square matrix that is symmetric as one.
func symmetricOf(m *mat.Dense) *mat.SymDense {
	n, _ := m.Dims()
	return mat.NewSymDense(n, mat.DenseCopyOf(m).RawMatrix().Data)
}

// save writes the last predictions.
func (p predictions) save(w io.Writer) error {
	z := numpy.NewWriter(w)
	n, outputs := p.mean.Dims()
	for _, a := range []struct {
		name   string
		values []float64
		shape  []int
	}{{"mean", p.mean.RawMatrix().Data, []int{n, outputs}}, {"variance", p.variance, []int{n}}, {"targets", p.targets.RawMatrix().Data, []int{n, outputs}}} {
		if err := z.Array(a.name, a.shape, a.values); err != nil {
			return err
		}
	}
	return z.Close()
}

func (a *app) printPredictions(p predictions) error {
	if a.json {
		return printJSON(a.stdout, struct {
			Rate        float64      `json:"largest_learning_rate"`
			Predictions []prediction `json:"predictions"`
		}{p.largestRate, p.list})
	}
	t := &table{head: []string{""}}
	for _, v := range p.list[0].Values {
		t.head = append(t.head, v.Key)
	}
	for _, one := range p.list {
		row := []string{one.Name}
		for _, v := range one.Values {
			row = append(row, fmt.Sprintf("%.4g", v.Value))
		}
		t.add(row...)
	}
	if err := t.write(a.stdout); err != nil {
		return err
	}
	text := fmt.Sprintf("\nOf networks and of the posterior the loss is that of one, drawn at random: their variance is in it. Regression is their mean.\nGradient descent converges up to a learning rate of %.4g.\n", p.largestRate)
	if p.null > 0 {
		text += fmt.Sprintf("%d of %d directions are never learned: their eigenvalues are 0 within rounding.\n", p.null, p.examples)
	}
	_, err := io.WriteString(a.stdout, text)
	return err
}
