package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"breakeven/internal/weights"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trial"
	"breakeven/trojan"

	"github.com/spf13/cobra"
)

// A carried is what commands on a carrier's file share.
type carried struct {
	app     *app
	flags   *specFlags
	weights string
	network int
}

// carrierFlags gives a command the flags of a file that holds the networks of a spec.
func (a *app) carrierFlags(c *cobra.Command) *carried {
	names := []string{"data", "preprocess", "model", "seed"}
	for _, f := range trial.DeclaredByNetworks() {
		names = append(names, f.Name)
	}
	k := &carried{app: a, flags: addSpecFlags(c, names...)}
	c.Flags().StringVar(&k.weights, "weights", "", "safetensors file of the carrier")
	a.dataFlag(c)
	return k
}

// networkFlag gives a command --network-number.
func (k *carried) networkFlag(c *cobra.Command) {
	c.Flags().IntVar(&k.network, "number", 1, "of the secret network, in the order of --secrets")
}

// open reads the file, which must hold the networks, and the data if they are asked for.
func (k *carried) open(ctx context.Context, data bool) (*trial.Carrier, run.Spec, error) {
	return k.openBy(ctx, data, trial.ReadCarrier)
}

// openBy is open with another reader of the file.
func (k *carried) openBy(ctx context.Context, data bool, read func(run.Spec, string) (*trial.Carrier, error)) (*trial.Carrier, run.Spec, error) {
	spec, err := k.flags.apply(run.Default())
	if err != nil {
		return nil, spec, err
	}
	secrets := len(task.Secrets(spec))
	switch {
	case k.weights == "":
		return nil, spec, usagef("--weights: name the file of the carrier")
	case secrets == 0:
		return nil, spec, usagef("--secrets: name the data of the secret networks that the file may hold")
	case k.network < 0 || k.network > secrets:
		return nil, spec, usagef("--number: %d of %d secret networks", k.network, secrets)
	}
	c, err := read(spec, k.weights)
	if err != nil {
		return nil, spec, err
	}
	for _, note := range c.Notes {
		k.app.warn(note)
	}
	if data {
		err = c.Open(ctx, spec, k.app.dataDir)
	}
	return c, spec, err
}

// keysOf returns the keys of the secret networks of a spec: the user's, or that of the seed.
func (a *app) keysOf(s run.Spec) ([]trojan.Key, error) {
	if task.BySeed(s) {
		k, err := task.SeedKey(s)
		return []trojan.Key{k}, err
	}
	keys, err := a.secretKeys()
	if err == nil && len(keys) == 0 {
		err = &task.KeyError{Missing: true}
	}
	return keys, err
}

// key returns the key of network number k.
func (a *app) key(s run.Spec, number int) (trojan.Key, error) {
	keys, err := a.keysOf(s)
	if err != nil {
		return trojan.Key{}, err
	}
	return keys[min(max(number, 1), len(keys))-1], nil
}

func (a *app) trojanExtractCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "extract",
		Short: "Write a secret network as a file of its own",
		Long: `Reads the weights of a secret network in the order of its key and writes them as a
safetensors file of its own. Any key gives a file: whether it is the right one
shows only on data (` + "`breakeven trojan infer`" + `), and nothing is said here.

` + keyHelp + `

--released SEED reads a file of the paper's own code, trained there with --seed SEED
and trojan_resnet50: the .pth file, or its tensors as safetensors. --data is its
first data set and --secrets the others; --number 0 is the first network, which is
permuted there, too. Weights, outputs and batch norm are those that PyTorch
computes with, to the bit. What cannot be read: files from before PyTorch 1.6,
which PyTorch has to save again, and that code's ResNet-18 and ResNet-34, which are
no models here. Without the .pth file's digests sets of batch norm count in the
order of the tasks. Such a seed hides nothing: small ones are soon tried.`,
		Example: carrierExample + `
  breakeven trojan extract` + carrierSpec + ` --weights carrier.safetensors -o secret.safetensors`,
		Args: cobra.NoArgs,
	}
	k := a.carrierFlags(c)
	k.networkFlag(c)
	output := c.Flags().StringP("output", "o", "", "safetensors file to write")
	released := c.Flags().Uint32("released", 0, "--seed of the paper's own code, if the file is one of that")
	a.keyFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		if *output == "" {
			return usagef("-o: name the file to write")
		}
		if c.Flags().Changed("released") {
			return k.extractReleased(*released, *output)
		}
		carrier, spec, err := k.open(context.Background(), false)
		if err != nil {
			return err
		}
		key, err := a.key(spec, k.network)
		if err != nil {
			return err
		}
		tensors, err := carrier.Read(k.network, key)
		if err != nil {
			return err
		}
		return weights.WriteFile(*output, tensors, nil)
	}
	return c
}

func (a *app) trojanInferCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "infer",
		Short: "What the networks in a file get right, with a key",
		Long: `Evaluates the carrier and the secret networks, read with the key, on the test
examples of their data. p is the probability that guessing the most frequent
class gets as many right: a wrong key gives what chance gives.

-o FILE.csv keeps what a secret network answers on each test example.

` + keyHelp,
		Example: carrierExample + `
  breakeven trojan infer` + carrierSpec + ` --weights carrier.safetensors -o answers.csv`,
		Args: cobra.NoArgs,
	}
	k := a.carrierFlags(c)
	k.networkFlag(c)
	output := c.Flags().StringP("output", "o", "", "CSV file to write: example, label, answer")
	a.jsonFlag(c)
	a.keyFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		carrier, spec, err := k.open(c.Context(), true)
		if err != nil {
			return err
		}
		list, err := a.inferences(c.Context(), carrier, spec)
		if err != nil {
			return err
		}
		if *output != "" {
			if err := a.writeAnswers(carrier, spec, k.network, *output); err != nil {
				return err
			}
		}
		if a.json {
			return printJSON(a.stdout, list)
		}
		t := &table{head: []string{"network", "data", "loss", "accuracy", "guessing", "p"}}
		for _, i := range list {
			t.add(i.Network, i.Data, num(i.Loss), num(i.Accuracy), num(i.Guessing), num(i.P))
		}
		return t.write(a.stdout)
	}
	return c
}

// An inference is what a network of a file gets right.
type inference struct {
	Network  string  `json:"network"`
	Data     string  `json:"data"`
	Loss     float64 `json:"loss"`
	Accuracy float64 `json:"accuracy"`
	Guessing float64 `json:"guessing"` // share of the most frequent class
	P        float64 `json:"p"`
}

// inferences evaluates all networks of a file with the user's keys.
func (a *app) inferences(ctx context.Context, c *trial.Carrier, spec run.Spec) (list []inference, err error) {
	names := append([]string{spec.Data}, task.Secrets(spec)...)
	for n := range c.Networks() {
		i := inference{Network: "carrier", Data: names[n]}
		key := trojan.Key{}
		if n > 0 {
			i.Network = "secret " + strconv.Itoa(n)
			if key, err = a.key(spec, n); err != nil {
				return nil, err
			}
		}
		e, err := c.Evaluate(ctx, n, key)
		if err != nil {
			return nil, err
		}
		prior, examples := c.Prior(n)
		i.Loss, i.Accuracy, i.Guessing = e.Loss, e.Metrics[0], prior
		i.P = trojan.Chance(int(e.Metrics[0]*float64(examples)+0.5), examples, prior)
		list = append(list, i)
	}
	return list, nil
}

// writeAnswers writes what a network answers on its test examples.
func (a *app) writeAnswers(c *trial.Carrier, spec run.Spec, number int, output string) error {
	key, err := a.key(spec, number)
	if err != nil {
		return err
	}
	labels, answers, err := c.Answers(context.Background(), number, key)
	if err != nil {
		return err
	}
	return a.writeTo(output, func(w io.Writer) error {
		rows := [][]string{{"example", "label", "answer"}}
		for i, y := range labels {
			rows = append(rows, []string{strconv.Itoa(i), fmt.Sprint(y), fmt.Sprint(answers[i])})
		}
		return csv.NewWriter(w).WriteAll(rows)
	})
}
