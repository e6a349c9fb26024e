package main

import (
	"context"

	"breakeven/internal/weights"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trial"

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
