// Command compare races our works against other programs' and prints medians
// and ratios as Markdown tables.
//
//	go run ./bench/compare -python VENV/bin/python [-rounds 5] [-only WORDS]
//
// Both sides of a race are processes of their own that do one work and nothing
// else, so that the peak memory of a process is that of the work. They get the
// same weights and data, as files, and the same number of threads; they take
// turns; and before a ratio is printed their numbers are held against each
// other. A peer that has several ways of doing a work races with its fastest.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"breakeven/internal/garbage"
)

// options are the flags.
type options struct {
	python, jax string // interpreters
	cifar, imdb string // folders
	only        string
	out         string // file for raw results
	rounds      int
	threads     int
}

func main() {
	var o options
	flag.StringVar(&o.python, "python", "python3", "interpreter that has the packages of bench/peers/requirements.txt")
	flag.StringVar(&o.jax, "jax", "", "interpreter that has those of bench/peers/requirements-jax.txt (default: that of -python)")
	flag.StringVar(&o.cifar, "cifar", "", "folder with CIFAR-10; without it, process start is timed on the embedded images alone")
	flag.StringVar(&o.imdb, "imdb", "", "folder with the reviews of IMDB; without it, the LSTM's texts are random words")
	flag.StringVar(&o.only, "only", "", "only works whose words, or whose peer, contain this")
	flag.StringVar(&o.out, "json", "", "file for the raw seconds of all rounds")
	flag.IntVar(&o.rounds, "rounds", 5, "interleaved rounds; works that take long have 1 or 2")
	flag.IntVar(&o.threads, "threads", runtime.NumCPU(), "threads of both sides")
	serving := flag.String("serve", "", "be our side of a race, with inputs in this `folder`")
	flag.Parse()
	if o.jax == "" {
		o.jax = o.python
	}
	var err error
	if *serving != "" {
		garbage.Limit(garbage.Running) // as the product does
		err = serve(os.Stdin, os.Stdout, folder(*serving))
	} else {
		err = compare(os.Stdout, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// compare runs the races and prints a table for each theme.
func compare(w io.Writer, o options) error {
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stop
		os.RemoveAll(dir)
		os.Exit(1)
	}()
	if err := writeInputs(folder(dir), o.imdb); err != nil {
		return err
	}
	selected, total := selection(themes(o), o.only)
	if total == 0 {
		return fmt.Errorf("no work contains %q", o.only)
	}
	fmt.Fprint(w, machine(o))
	d := &driver{options: o, dir: folder(dir), begin: time.Now(), total: total}
	var results []result
	for _, t := range selected {
		fmt.Fprintf(w, "\n### %s\n\n%s", t.title, header)
		for _, r := range t.races {
			result := d.race(r)
			results = append(results, result)
			fmt.Fprintln(w, result.row())
		}
	}
	fmt.Fprintf(w, "\nAll of it took %s.\n", time.Since(d.begin).Round(time.Second))
	if o.out == "" {
		return nil
	}
	raw, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.out, raw, 0o666)
}

// selection keeps the races whose words or peer contain some words, and counts
// them.
func selection(all []theme, only string) (kept []theme, total int) {
	for _, t := range all {
		var races []race
		for _, r := range t.races {
			if strings.Contains(strings.ToLower(r.name+" "+r.peer), strings.ToLower(only)) {
				races = append(races, r)
			}
		}
		if len(races) > 0 {
			kept = append(kept, theme{t.title, races})
			total += len(races)
		}
	}
	return kept, total
}
