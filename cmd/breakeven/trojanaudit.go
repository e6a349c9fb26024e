package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"

	"breakeven/internal/regular"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trial"
	"breakeven/trojan"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/stat"
)

func (a *app) trojanAuditCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "What can be found out about a file without its key",
		Long: `Says what somebody can find out who has the file and a guess of the secret data,
but not the key. The file may be that of an ordinary network: without a batch norm
for the secret network the carrier's is taken.

  file      what the carrier's network does not read of it: outputs that its data do
            not need, sets of batch norm beside its own, and other tensors
  weights   deviation, kurtosis, and the largest singular value over that of the
            same numbers in random order, of each layer; with --twin beside
            those of a network of the same kind that hides nothing. The first
            two are the same for a carrier and what is hidden in it. A secret
            network makes the third smaller: a hint, and no test
  keys      loss of the secret network under --random random keys and, if there
            are some, under the keys in the lines of --candidates: z, and p
            times the number of candidates (Bonferroni). Random keys alone say
            nothing: clean files and others look alike
  counter   what changes of the weights do to the carrier and, with the key, to
            the secret networks: hidden units in another order cost the carrier
            nothing, and destroy every permutation of its weights

No test here finds a network whose key is long and random: there are d! orders
of d weights, and to decide whether one of them solves a task is NP-complete.`,
		Example: carrierExample + `
  breakeven trojan audit` + carrierSpec + ` --weights carrier.safetensors --random 19 --counter`,
		Args: cobra.NoArgs,
	}
	k := a.carrierFlags(c)
	k.networkFlag(c)
	random := c.Flags().Int("random", 99, "random keys to compare with")
	candidates := c.Flags().String("candidates", "", "file with a candidate key in each line")
	twin := c.Flags().String("twin", "", "safetensors file of a network of the same kind that hides nothing")
	counter := c.Flags().Bool("counter", false, "try counter-measures; with a key they are judged on the secret networks, too")
	a.jsonFlag(c)
	a.quietFlag(c)
	a.keyFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		if *random < 1 || *random > 1e6 {
			return usagef("--random: must lie between 1 and 1000000, not %d", *random)
		}
		r := audit{Leftovers: []auditLeftover{}}
		err := a.working("auditing", func(ctx context.Context, _ *meter) error {
			carrier, spec, err := k.openBy(ctx, true, trial.ReadSuspect)
			if err != nil {
				return err
			}
			for _, l := range carrier.Leftovers() {
				r.Leftovers = append(r.Leftovers, auditLeftover{l.Kind, l.Name, l.Tensors, l.Numbers})
			}
			if r.Layers, err = auditLayers(carrier, spec, *twin); err != nil {
				return err
			}
			if err := a.auditKeys(ctx, carrier, k.network, *random, *candidates, &r); err != nil || !*counter {
				return err
			}
			return a.auditCounters(ctx, carrier, spec, &r)
		})
		if err != nil {
			return err
		}
		if a.json {
			return printJSON(a.stdout, r)
		}
		return r.write(a)
	}
	return c
}

// An audit is what was found out about a file.
type audit struct {
	Leftovers []auditLeftover `json:"leftovers"`
	Layers    []auditLayer    `json:"layers"`
	Random    auditRandom     `json:"random_keys"`
	Keys      []auditKey      `json:"candidates,omitempty"`
	Counter   []auditCounter  `json:"counter_measures,omitempty"`
}

type auditLeftover struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"` // of the tensor, or what those of a set begin with
	Tensors int    `json:"tensors"`
	Numbers int    `json:"numbers"`
}

type auditLayer struct {
	Name      string   `json:"name"`
	Deviation float64  `json:"deviation"`
	Kurtosis  float64  `json:"kurtosis"`
	Ratio     float64  `json:"ratio"`
	Twin      *float64 `json:"twin_ratio,omitempty"`
}

type auditRandom struct {
	Count    int     `json:"count"`
	Loss     float64 `json:"loss"` // mean
	Spread   float64 `json:"deviation"`
	Accuracy float64 `json:"accuracy"` // mean
	Best     float64 `json:"best_accuracy"`
	Guessing float64 `json:"guessing"`
}

type auditKey struct {
	Line      int     `json:"line"` // of the file: no key is printed
	Loss      float64 `json:"loss"`
	Accuracy  float64 `json:"accuracy"`
	Z         float64 `json:"z"`
	P         float64 `json:"p"`
	Corrected float64 `json:"p_corrected"`
}

type auditCounter struct {
	Name     string    `json:"name"`
	Doc      string    `json:"doc"`
	Accuracy []float64 `json:"accuracy"` // of the carrier and, with a key, of the secret networks
}

// auditLayers returns the statistics of each layer of a file, and of its twin.
func auditLayers(c *trial.Carrier, spec run.Spec, twin string) (list []auditLayer, err error) {
	ratios := map[string]float64{}
	if twin != "" {
		other, err := trial.ReadSuspect(spec, twin)
		if err != nil {
			return nil, err
		}
		for _, t := range other.Layers() {
			ratios[t.Name] = trojan.StatisticsOf(t.Name, t.Data, t.Shape[0]).Ratio
		}
	}
	for _, t := range c.Layers() {
		s := trojan.StatisticsOf(t.Name, t.Data, t.Shape[0])
		l := auditLayer{Name: t.Name, Deviation: s.Deviation, Kurtosis: s.Kurtosis, Ratio: s.Ratio}
		if ratio, ok := ratios[t.Name]; ok {
			l.Twin = &ratio
		}
		list = append(list, l)
	}
	return list, nil
}

// auditKeys evaluates a secret network under random keys and under candidates.
func (a *app) auditKeys(ctx context.Context, c *trial.Carrier, number, random int, file string, r *audit) error {
	others, err := c.Random(ctx, number, random)
	if err != nil {
		return err
	}
	var losses, accuracies []float64
	for _, e := range others {
		losses, accuracies = append(losses, e.Loss), append(accuracies, e.Metrics[0])
		r.Random.Best = math.Max(r.Random.Best, e.Metrics[0])
	}
	r.Random.Count, r.Random.Accuracy = random, stat.Mean(accuracies, nil)
	r.Random.Loss = stat.Mean(losses, nil)
	if random > 1 {
		r.Random.Spread = stat.StdDev(losses, nil)
	}
	r.Random.Guessing, _ = c.Prior(number)
	if file == "" {
		return nil
	}
	text, err := regular.Read(file, 1<<20)
	if err != nil {
		return fmt.Errorf("candidates: %w", err)
	}
	lines := bytes.Split(bytes.TrimRight(text, "\r\n"), []byte("\n"))
	for i, line := range lines {
		key, err := trojan.Password(string(bytes.TrimRight(line, "\r")))
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", file, i+1, err)
		}
		t, e, err := c.TestKey(ctx, number, key, others, len(lines))
		if err != nil {
			return err
		}
		r.Keys = append(r.Keys, auditKey{i + 1, e.Loss, e.Metrics[0], t.Z, t.P, t.Corrected})
	}
	return nil
}

// auditCounters tries the counter-measures.
func (a *app) auditCounters(ctx context.Context, c *trial.Carrier, spec run.Spec, r *audit) error {
	keys, err := a.keysOf(spec)
	var missing *task.KeyError
	if err != nil && !errors.As(err, &missing) {
		return err
	}
	for _, counter := range trial.Counters {
		changed, err := counter.Apply(ctx, c, spec)
		if errors.Is(err, trial.ErrUnits) {
			a.warn(err.Error())
			continue
		}
		if err != nil {
			return err
		}
		var all []probe.Evaluation
		if len(keys) == 0 {
			var e probe.Evaluation
			e, err = changed.Evaluate(ctx, 0, trojan.Key{})
			all = append(all, e)
		} else {
			all, err = changed.All(ctx, func(n int) trojan.Key { return keys[min(max(n, 1), len(keys))-1] })
		}
		if err != nil {
			return err
		}
		one := auditCounter{Name: counter.Name, Doc: counter.Doc}
		for _, e := range all {
			one.Accuracy = append(one.Accuracy, e.Metrics[0])
		}
		r.Counter = append(r.Counter, one)
	}
	return nil
}
