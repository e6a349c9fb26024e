package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"breakeven/run"
	"breakeven/task"
	"breakeven/trojan"

	"github.com/spf13/cobra"
)

// ownLimits is what a verified commitment does not show.
const ownLimits = `It shows that whoever made the commitment knew the key then. It does not show
that nobody else hid a network in the same file, nor that a file in which the
network is not found is another's: whoever puts its hidden units in another
order destroys the mark at no cost. Publish the commitment with a date before
the file.`

func (a *app) trojanOwnCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "own",
		Short: "Commit to a key, and verify it later",
		Long: `A secret network is a mark: who has its key can show that the file is theirs.

  own commit   prints a commitment to the key and the secret data, to be published
  own verify   checks that key and data are those of a commitment, and that the
               file holds a network that solves the task

` + ownLimits,
		Example: `  breakeven trojan own commit` + carrierSpec,
	}
	c.AddCommand(a.ownCommitCommand(), a.ownVerifyCommand())
	return c
}

// ownSalt is the salt of a commitment of ownership: what was hidden in what.
func ownSalt(s run.Spec) []byte {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{"own", s.Data, s.Text("data_classes"), s.Model}, task.Secrets(s)...), "\n")))
	return sum[:16]
}

func (a *app) ownCommitCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "commit",
		Short:   "Print a commitment to a key and the secret data",
		Long:    "Prints a commitment to the key and to what is said to be hidden: SALT:DIGEST.\n\n" + keyHelp,
		Example: `  breakeven trojan own commit` + carrierSpec,
		Args:    cobra.NoArgs,
	}
	k := a.carrierFlags(c)
	a.keyFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		spec, err := k.flags.apply(run.Default())
		if err != nil {
			return err
		}
		if len(task.Secrets(spec)) == 0 {
			return usagef("--secrets: name the data of the secret networks")
		}
		keys, err := a.keysOf(spec)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.stdout, trojan.Commit(ownSalt(spec), keys...))
		return err
	}
	return c
}

func (a *app) ownVerifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify COMMITMENT",
		Short: "Check a key against a commitment and a file",
		Long: `Checks that the key and the secret data are those that were committed to, and
evaluates the secret networks in the file beside random keys.

` + ownLimits + "\n\n" + keyHelp,
		Example: carrierExample + `
  breakeven trojan own verify 5d52af95f225317b3834a379f272e7eb:492677df1f99126dac786e03956d50f6c07ce435c4d4474110c04fcb5f71b7ba` + carrierSpec + ` --weights carrier.safetensors --random 19`,
		Args: cobra.ExactArgs(1),
	}
	k := a.carrierFlags(c)
	k.networkFlag(c)
	random := c.Flags().Int("random", 99, "random keys to compare with")
	a.keyFlag(c)
	a.quietFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		commitment := trojan.Commitment(args[0])
		if err := commitment.Check(); err != nil {
			return usageError{err}
		}
		if *random < 1 || *random > 1e6 {
			return usagef("--random: must lie between 1 and 1000000, not %d", *random)
		}
		var lines []string
		err := a.working("verifying", func(ctx context.Context, _ *meter) error {
			carrier, spec, err := k.open(ctx, true)
			if err != nil {
				return err
			}
			keys, err := a.keysOf(spec)
			if err != nil {
				return err
			}
			key := keys[min(max(k.network, 1), len(keys))-1]
			if commitment != trojan.Commit(ownSalt(spec), keys...) {
				return fmt.Errorf("the key or the data are not those that were committed to")
			}
			others, err := carrier.Random(ctx, k.network, *random)
			if err != nil {
				return err
			}
			t, e, err := carrier.TestKey(ctx, k.network, key, others, 1)
			if err != nil {
				return err
			}
			prior, n := carrier.Prior(k.network)
			lines = append(lines, "commitment  opened by this key for these data",
				fmt.Sprintf("network     accuracy %s, guessing %s (p = %s); loss %s, z = %s and p = %s against %d random keys", num(e.Metrics[0]), num(prior),
					num(trojan.Chance(int(e.Metrics[0]*float64(n)+0.5), n, prior)), num(e.Loss), num(t.Z), num(t.P), *random))
			return nil
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stdout, "%s\n\n%s\n", strings.Join(lines, "\n"), ownLimits)
		return err
	}
	return c
}
