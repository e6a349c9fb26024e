package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"breakeven/internal/store"

	"github.com/spf13/cobra"
)

func (a *app) workerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "worker [SWEEP]",
		GroupID: "do",
		Short:   "Help with a sweep that another process has begun",
		Long: `Runs trials of a sweep, one after the other, until none is left to be taken and
none is under way elsewhere. Any number of workers share a sweep, beside the
ones of ` + "`breakeven sweep`" + ` itself. SWEEP is the ID that ` + "`breakeven sweep status`" + `
shows, the beginning of it, or "last", which is the default. If the store is on a
server and has no sweep yet, "last" waits until one is submitted.

Ctrl-C and SIGTERM let the step under way end, save a checkpoint and give the
trial back at once, so that another worker goes on with it. So does
` + "`breakeven sweep pause`" + `. One that is killed has lost about a minute.

A trial that was begun with the kernels of another instruction set goes on with
these, for the sake of its bits. With --other-bits a worker takes it all the
same, and the run says ever after where its arithmetic changed. Three trials in
a row that fail end a worker: its machine may lack what another one has.`,
		Example:           aSweep + "  breakeven worker last",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeSweeps,
	}
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	a.keyFlag(c)
	a.otherBitsFlag(c)
	a.quietFlag(c)
	listen := c.Flags().String("listen", "", "answer at this address: /metrics for Prometheus and OpenMetrics, /healthz; :PORT is reached from this machine only, HOST:PORT from others")
	c.Flags().StringVar(&a.log, "log", "", "json or text: what happens, to standard error, in place of progress; jsonl or FILE.jsonl: what is measured, to standard output or a file")
	completes(c, "log", cobra.FixedCompletions([]string{"json", "text", jsonLines}, cobra.ShellCompDirectiveDefault))
	piped := c.Flags().Bool("piped", false, "print what happens as JSON, a line for each event, and stop at the end of standard input")
	_ = c.Flags().MarkHidden("piped") // for `breakeven sweep`
	work := func(args []string) error {
		s, w, err := a.awaitSweep(args)
		if err != nil || s == nil {
			return err
		}
		defer s.Close()
		if *piped {
			return a.workPiped(s, w)
		}
		return a.workAlone(s, w, *listen)
	}
	alone := a.logging([]string{"json", "text"}, work)
	c.RunE = func(c *cobra.Command, args []string) error {
		if *piped {
			return work(args)
		}
		return alone(c, args)
	}
	return c
}

// workPiped works for another process, which reads what happens.
func (a *app) workPiped(s *store.Store, w store.Sweep) error {
	// Ctrl-C reaches the other process too, which stops this one. What is said to a process that was killed is
	// lost; it must not kill this one before it has given back its trial.
	signal.Ignore(os.Interrupt, syscall.SIGPIPE)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, a.stdin)
		cancel() // the other process has ended, or wants this one to stop
	}()
	out := json.NewEncoder(a.stdout)
	tell := func(e event) { _ = out.Encode(e) }
	if a.log != "" {
		a.records = &recordLog{out: &output{Writer: eventLog(tell)}}
	}
	return a.newWorker(s, w, tell).work(ctx)
}

// workAlone works for its user.
func (a *app) workAlone(s *store.Store, w store.Sweep, listen string) error {
	tells := []func(event){}
	if a.log != "" && a.records == nil {
		log, err := newLog(a.stderr, a.log)
		if err != nil {
			return err
		}
		tells = append(tells, logEvents(log, w))
		a.quiet = true // nothing else between its lines
	}
	one := a.newWorker(s, w, func(e event) {
		for _, tell := range tells {
			tell(e)
		}
	})
	one.patience = 3
	if listen != "" {
		m := newMonitor(w)
		end, err := m.serve(listen)
		if err != nil {
			return err
		}
		defer end()
		one.heard, one.measured = m.heard, m.measured
		tells = append(tells, m.note)
	}
	v := a.newView()
	ctx, cancel := a.interruptible(v)
	bar := v.meter("worker", 0)
	tells = append(tells, func(e event) {
		if e.Kind == going {
			bar.set(e.Part, e.title(w)+": "+e.Text)
			return
		}
		e.print(v.lines, w, "")
	})
	err := one.work(ctx)
	told := ctx.Err() != nil
	cancel()
	bar.end(err == nil)
	v.close()
	switch {
	case err != nil:
	case told:
		_, err = fmt.Fprintf(a.stdout, "sweep %s: this worker has stopped; go on with: breakeven worker %s%s\n", w.ID, w.ID, a.storeWords())
	default:
		_, err = fmt.Fprintf(a.stdout, "sweep %s: no trial is left to be taken here%s; see: breakeven sweep status %s%s\n", w.ID, elsewhereText(one.rest.Elsewhere), w.ID, a.storeWords())
	}
	return err
}

// elsewhereText says that trials need other kernels, if some do.
func elsewhereText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %s begun with other kernels than %s (to go on with them: --other-bits)", countText(n, "trial"), origin().ISA)
}
