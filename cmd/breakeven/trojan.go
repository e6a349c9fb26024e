package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"breakeven/internal/weights"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trial"
	"breakeven/trojan"

	"github.com/spf13/cobra"
)

func (a *app) trojanCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "trojan",
		GroupID: "do",
		Short:   "Networks hidden inside a network, and how to find them",
		Long: `One set of weights can serve several tasks: a carrier reads it as it is, and
secret networks read the numbers of each layer in an order that a key decides
(Guo, Wu and Weinberger 2020). These commands make such networks, so that
scanners can be tested and models marked as one's own, and say what can be found
out about a file:

  trojan train    trains a carrier with secret networks
  trojan extract  writes a secret network as a file of its own
  trojan infer    what the networks in a file get right, with a key
  trojan audit    what can be found out about a file without its key
  trojan own      commits to a key, and verifies it later

--data names the carrier's data, --secrets those of the secret networks, and
--model the network of all. The examples read in the order of the seed, which
hides nothing; with a key leave --secret-order out.`,
		Example: carrierExample + `
  breakeven trojan infer` + carrierSpec + ` --weights carrier.safetensors`,
	}
	c.AddCommand(a.trojanTrainCommand(), a.trojanExtractCommand(), a.trojanInferCommand(), a.trojanAuditCommand(), a.trojanOwnCommand())
	return c
}

// carrierSpec are the flags of the examples, and carrierExample makes their file.
const (
	carrierSpec    = " --data-classes 0-4 --secrets fashion-mnist-sample:5-9 --secret-order seed --model mlp"
	carrierExample = "  breakeven trojan train" + carrierSpec + " --epochs 1 --probe loss -o carrier.safetensors"
)

// usualSecrets is what is usual for hidden networks: the paper's Adam, schedule and batch.
func usualSecrets() run.Spec {
	s := run.Default()
	s.Method, s.LR, s.Schedule, s.Batch, s.Epochs = "adam", 0.001, "step", 100, 20
	return s
}

func (a *app) trojanTrainCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "train [experiment.yaml]",
		Short: "Train a network that carries secret ones",
		Long: `Trains a carrier and its secret networks on the sum of their losses, and measures
along the way like every run: it is ` + "`breakeven run`" + ` with the paper's usual Adam,
schedule and batch of 100, and is resumed, shown and compared like any other. -o
writes the weights: a plain safetensors file of the carrier's network.

` + keyHelp + `

With batch norm the file holds a set of scales and statistics for each secret
network, which shows that there are some. --norm-layer group leaves nothing.`,
		Example:           carrierExample,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := addSpecFlags(c)
	output := c.Flags().StringP("output", "o", "", "safetensors file to write")
	a.dataFlag(c)
	a.storeFlag(c)
	a.memoryFlag(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	a.keyFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		specs, err := a.readSpecs(usualSecrets(), args, flags, 1)
		if err != nil {
			return err
		}
		if len(specs) > 1 {
			return usagef("one network is trained at a time; `breakeven run` takes lists of values")
		}
		if len(task.Secrets(specs[0])) == 0 {
			return usagef("--secrets: name the data of at least one secret network, such as fashion-mnist-sample:5-9")
		}
		if err := a.runSpecs(specs, false, false); err != nil || *output == "" {
			return err
		}
		return a.writeCarrier(specs[0], *output)
	}
	return c
}

// writeCarrier writes the weights of the newest run of a spec, if it has ended.
func (a *app) writeCarrier(spec run.Spec, output string) error {
	env, err := a.env(spec, true)
	if err != nil {
		return err
	}
	t, err := trial.Open(context.Background(), spec, env)
	if err != nil {
		return err
	}
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer s.Close()
	runs, err := s.WithSpec(t.Plan().Spec)
	if err != nil || len(runs) == 0 || runs[0].Status.Resumable() {
		return err
	}
	c, _, err := s.Checkpoint(runs[0].ID)
	if err != nil {
		return err
	}
	return weights.WriteFile(output, c.Weights, nil)
}

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

// open reads the file, and the data if they are asked for.
func (k *carried) open(ctx context.Context, data bool) (*trial.Carrier, run.Spec, error) {
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
	c, err := trial.ReadCarrier(spec, k.weights)
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

` + keyHelp,
		Example: carrierExample + `
  breakeven trojan extract` + carrierSpec + ` --weights carrier.safetensors -o secret.safetensors`,
		Args: cobra.NoArgs,
	}
	k := a.carrierFlags(c)
	k.networkFlag(c)
	output := c.Flags().StringP("output", "o", "", "safetensors file to write")
	a.keyFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		if *output == "" {
			return usagef("-o: name the file to write")
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
		return csv.NewWriter(w).WriteAll(slices.Clip(rows))
	})
}
