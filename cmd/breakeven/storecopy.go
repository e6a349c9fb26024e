package main

import (
	"context"
	"errors"
	"fmt"

	"breakeven/internal/store"

	"github.com/spf13/cobra"
)

// A copiedJSON is what `breakeven store copy` did, as JSON.
type copiedJSON struct {
	Runs    int           `json:"runs"`    // copied
	Present int           `json:"present"` // there already
	Sweeps  int           `json:"sweeps"`  // copied
	Refused []refusalJSON `json:"refused,omitempty"`
}

type refusalJSON struct {
	Run   string `json:"run"`
	Error string `json:"error"`
}

func (a *app) storeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "store",
		GroupID: "look",
		Short:   "Copy all runs of a store to another one",
		Long: `A store keeps runs: a folder, or the address of a database on a PostgreSQL server,
postgres://USER@HOST/DATABASE.`,
		Example: "  breakeven run --model tiny --steps 20 --probe loss\n  breakeven store copy breakeven-runs other",
	}
	c.AddCommand(a.storeCopyCommand())
	return c
}

func (a *app) storeCopyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy the runs and the sweeps of a store to another one",
		Long: `Copies all runs of a store with their records, checkpoints, names and tags, and
its sweeps, between folders and PostgreSQL servers in either direction. They keep
their IDs. TO is made if it is not there.

After Ctrl-C the same command goes on. A run that is there already stays as it
is, with its names and tags. If its numbers are others it is refused by its
name, and so is a run that a process works on: the exit code is 1 then, and all
others are copied.`,
		Example: "  breakeven run --model tiny --steps 20 --probe loss\n  breakeven store copy breakeven-runs other",
		Args:    cobra.ExactArgs(2),
	}
	a.jsonFlag(c)
	a.quietFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if place(args[0]) == place(args[1]) {
			return usagef("%s and %s are the same store", args[0], args[1])
		}
		a.store = args[0]
		from, err := store.OpenReader(args[0])
		if err != nil {
			return err
		}
		defer from.Close()
		a.store = args[1]
		to, err := a.openStore()
		if err != nil {
			return err
		}
		defer to.Close()
		return a.copyStore(from, to)
	}
	return c
}

// errStopped ends a copy that its user stops.
var errStopped = errors.New("stopped; the same command goes on")

// copyStore copies a store, and says what was copied.
func (a *app) copyStore(from, to *store.Store) error {
	v := a.newView()
	ctx, cancel := a.interruptible(v)
	m := v.meter("copying", 0)
	done, err := to.Copy(from, func(done, all int) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		m.set(float64(done)/float64(max(1, all)), fmt.Sprintf("%d of %s", done, countText(all, "run")))
		return nil
	})
	cancel()
	m.end(err == nil)
	v.close()
	if errors.Is(err, context.Canceled) {
		err = errStopped
	}
	for _, note := range done.Notes {
		a.warn(note)
	}
	if err == nil && len(done.Refused) > 0 {
		err = fmt.Errorf("%s not copied: see above", countText(len(done.Refused), "run"))
	}
	return errors.Join(a.printCopied(done), err)
}

func (a *app) printCopied(done store.Copied) error {
	if a.json {
		j := copiedJSON{Runs: done.Runs, Present: done.Present, Sweeps: done.Sweeps}
		for _, r := range done.Refused {
			j.Refused = append(j.Refused, refusalJSON{r.Run, flat(r.Err.Error())})
		}
		return printJSON(a.stdout, j)
	}
	for _, r := range done.Refused {
		fmt.Fprintf(a.stdout, "run %s is not copied: %s\n", r.Run, flat(r.Err.Error()))
	}
	_, err := fmt.Fprintf(a.stdout, "%s copied, %d there already; %s copied\n", countText(done.Runs, "run"), done.Present, countText(done.Sweeps, "sweep"))
	return err
}
