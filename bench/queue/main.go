// Command queue measures what a large sweep costs a PostgreSQL server: goroutines take trials, save records
// and checkpoints, and end them as `breakeven worker` does, but compute nothing.
//
//	go run ./bench/queue [-trials 100000] [-fleets 10x0,1000x60] [-for 60s]
//
// It starts a server of its own, with the programs of PostgreSQL on this machine. A fleet is a number of
// workers and the seconds that one spends on a trial, evenly between its saves; with 0 seconds the fleet
// is as fast as the server. Fleets work one after the other on the same sweep. docs/design/scale.md says
// what came of it.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"breakeven/bench/units"
	"breakeven/internal/store"
	"breakeven/internal/store/servertest"
	"breakeven/run"
)

func main() {
	var w workload
	flag.IntVar(&w.trials, "trials", 100_000, "trials of the sweep")
	flag.IntVar(&w.records, "records", 6, "records of a trial, each with a checkpoint")
	flag.IntVar(&w.parameters, "parameters", 5_000, "numbers in a checkpoint")
	text := flag.String("fleets", "1x0,10x0,100x0,1000x60,1000x20,1000x10", "fleets: workers and seconds of a trial")
	flag.DurationVar(&w.limit, "for", time.Minute, "time for each fleet, besides the one of its beginning")
	flag.Parse()
	fleets, err := parseFleets(*text)
	if err == nil {
		err = measure(w, fleets)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "queue:", err)
		os.Exit(1)
	}
}

// A workload is the sweep, and what each trial saves.
type workload struct {
	trials, records, parameters int
	limit                       time.Duration
}

// A fleet is workers that spend so much time on a trial.
type fleet struct {
	workers int
	seconds float64
}

// parseFleets reads fleets such as "10x0,1000x60".
func parseFleets(text string) (list []fleet, err error) {
	for word := range strings.SplitSeq(text, ",") {
		var f fleet
		if _, err := fmt.Sscanf(word, "%dx%g", &f.workers, &f.seconds); err != nil || f.workers < 1 || !(f.seconds >= 0) {
			return nil, fmt.Errorf("-fleets: %q is not a number of workers, an x and the seconds of a trial", word)
		}
		list = append(list, f)
	}
	return list, nil
}

// measure runs the fleets on a new server and prints what they cost it.
func measure(w workload, fleets []fleet) error {
	most := 0
	for _, f := range fleets {
		most = max(most, f.workers)
	}
	server, err := servertest.New(fmt.Sprintf("max_connections=%d", 3*most+20), "shared_buffers=256MB", "max_wal_size=4GB")
	if err != nil {
		return err
	}
	defer server.Close()
	s, err := store.Open(server.Address(nil))
	if err != nil {
		return err
	}
	defer s.Close()
	p, err := newProbe(server.Address(nil))
	if err != nil {
		return err
	}
	defer p.db.Close()

	fmt.Printf("%s/%s, %d processors, %s, %s, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), p.version(), runtime.Version(), time.Now().Format("2006-01-02"))
	begin := time.Now()
	sweep, err := s.Submit("queue", 2, origin, specs(w.trials))
	if err != nil {
		return err
	}
	fmt.Printf("%d trials submitted in %s; each saves %d records of %d bytes and as many checkpoints of %d numbers\n\n%s",
		w.trials, units.Duration(time.Since(begin).Seconds()), w.records, recordBytes(), w.parameters, head())
	for _, f := range fleets {
		r, err := w.sail(server.Address(nil), sweep.ID, f, p)
		if err != nil {
			return err
		}
		fmt.Print(r.row(f))
	}
	begin = time.Now()
	tally, err := s.Tally(sweep.ID, origin)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d trials have ended, which was counted in %s\n\n", tally.Ended, units.Duration(time.Since(begin).Seconds()))
	return p.printSizes()
}

// specs are those of a sweep of many seeds.
func specs(n int) []run.Spec {
	list := make([]run.Spec, n)
	for i := range list {
		list[i] = run.Default()
		list[i].Model, list[i].Seed = "tiny", uint64(i)
	}
	return list
}
