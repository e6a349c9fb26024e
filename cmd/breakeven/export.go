package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakeven/internal/atomicfile"
	"breakeven/internal/export"
	"breakeven/internal/store"

	"github.com/spf13/cobra"
)

func (a *app) exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "export RUN",
		GroupID: "look",
		Short:   "Write a run in a format that other programs read",
		Long: `Writes a run in a format that other programs read: its records as csv, json or
parquet, or the weights of its last checkpoint as safetensors, with PyTorch's
names and layouts. csv and parquet are one long table with a row for each
number. It goes to the file of -o, or to standard output.

Of a run whose --model is a file, --format onnx writes that file with the
weights of the last checkpoint in it.

--format tensorboard writes a file of events, a scalar for each number, into a
folder of the run's ID in the folder of -o, which TensorBoard takes as --logdir.

--step N writes the weights of another step, also of 0: if they are no longer
stored they are computed again from the checkpoint before, or from the
beginning, to the same bits.

Where the last checkpoint is damaged the one before it may still be whole; its
weights are written only with --allow-older.`,
		Example: `  breakeven run --model tiny --steps 20 --every 10 --examples 250 --probe loss,k
  breakeven export last --format csv -o run.csv
  breakeven export last --format tensorboard -o logs
  breakeven export last --format safetensors -o weights.safetensors
  breakeven export last --step 5 -o weights-5.safetensors`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRuns(1),
	}
	format := c.Flags().String("format", "", "csv, json, parquet, tensorboard, safetensors or onnx (default: what the name of -o ends with, else csv)")
	output := c.Flags().StringP("output", "o", "", "file to write, of tensorboard the folder; none or -: standard output")
	step := c.Flags().Int("step", -1, "write the weights of this step (default: of the last checkpoint)")
	older := c.Flags().Bool("allow-older", false, "where the last checkpoint is damaged, write the weights of the one before it")
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	a.quietFlag(c)
	a.keyFlag(c)
	completes(c, "format", completeWords(exportFormats))
	c.RunE = func(_ *cobra.Command, args []string) error {
		name, err := formatOf(*format, *output)
		if err != nil {
			return err
		}
		weights := name == "safetensors" || name == onnxFormat
		if c.Flags().Changed("step") {
			if !weights {
				return usagef("--step: only weights are of one step, and %s has records; add --format safetensors", name)
			}
			return a.exportStep(args[0], *step, name, *output)
		}
		r, err := a.exported(args[0], weights, *older)
		if err != nil {
			return err
		}
		if name == "tensorboard" && *output != "" && *output != "-" {
			folder := filepath.Join(*output, r.ID)
			if err := atomicfile.MakeFolder(folder); err != nil {
				return fmt.Errorf("making a folder for the events: %w; name one that can be written to", err)
			}
			*output = filepath.Join(folder, "events.out.tfevents.0.breakeven")
		}
		return a.writeRun(*output, name, r)
	}
	return c
}

// exportStep writes the weights of a run at a step.
func (a *app) exportStep(name string, step int, format, output string) error {
	s, err := store.OpenReader(a.store)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := s.Find(name)
	if err != nil {
		return err
	}
	tensors, err := a.weightsAt(s, r, step)
	if err != nil {
		return err
	}
	e := export.Run{ID: r.ID, Spec: r.Spec, Weights: tensors, Step: step}
	return a.writeRun(output, format, e)
}

// formatOf returns the format that is asked for, or that a file name implies.
func formatOf(format, output string) (string, error) {
	if format == "" {
		format = "csv"
		if end := strings.TrimPrefix(filepath.Ext(output), "."); slices.Contains(exportFormats(), end) {
			format = end
		}
	}
	if !slices.Contains(exportFormats(), format) {
		return "", usagef("--format: unknown format %q; it is one of %s", format, listText(exportFormats()))
	}
	return format, nil
}

// exported reads what is to be exported of a run: its records and, where they
// are asked for, its last weights. Older ones, where the last are damaged, must
// be allowed.
func (a *app) exported(name string, weights, older bool) (export.Run, error) {
	s, err := store.OpenReader(a.store)
	if err != nil {
		return export.Run{}, err
	}
	defer s.Close()
	r, err := s.Find(name)
	if err != nil {
		return export.Run{}, err
	}
	e := export.Run{ID: r.ID, Spec: r.Spec, Program: r.Origin.Program, ISA: r.Origin.ISA, Numerics: r.Origin.Numerics, Status: r.Status, Message: r.Message}
	if e.Records, err = s.Records(r.ID); err != nil || !weights {
		return e, err
	}
	checkpoint, passed, err := s.Checkpoint(r.ID)
	switch {
	case err != nil:
		return e, err
	case passed != nil && !older:
		return e, fmt.Errorf("run %s: the last checkpoint is not whole (%w); that of step %d is: --allow-older writes its weights", r.ID, passed, checkpoint.Step)
	case passed != nil:
		a.warn(fmt.Sprintf("run %s: the last checkpoint is not whole (%v): these are the weights of step %d", r.ID, passed, checkpoint.Step))
	}
	e.Weights, e.Step = checkpoint.Weights, checkpoint.Step
	return e, nil
}

// writeTo writes a file atomically, or standard output where the name is none
// or "-". A device, or a pipe, is written as it is.
func (a *app) writeTo(name string, write func(io.Writer) error) error {
	if name == "" || name == "-" {
		b := bufio.NewWriter(a.stdout)
		if err := write(b); err != nil {
			return err
		}
		return b.Flush()
	}
	put := atomicfile.Write
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		put = writeThrough
	}
	if err := put(name, write); err != nil {
		var at *fs.PathError
		if errors.As(err, &at) && at.Path == name {
			err = at.Err
		}
		return fmt.Errorf("writing %s: %w; name a file in a folder that can be written to, on a disk with room", name, err)
	}
	return nil
}

// writeThrough writes to what has a name already and is no file.
func writeThrough(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(f)
	return errors.Join(cmp.Or(write(b), b.Flush()), f.Close())
}
