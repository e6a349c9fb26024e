// Command growth shows how time and memory grow with the batch, the width and
// the depth of a network, and the number of examples: tables with cost per
// unit, which is level where the cost is linear.
//
//	go run ./bench/growth [-budget 1s] [-only batch]
//
// Times are the best of several runs; memory is what the plans and operators
// say that they hold, which tests of nn and curvature check.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"time"

	"breakeven/bench/units"
	"breakeven/tensor"
)

func main() {
	budget := flag.Duration("budget", time.Second, "time for the runs of one number")
	only := flag.String("only", "", "only tables whose title contains this")
	flag.Parse()
	fmt.Printf("%s/%s, %d threads, kernels for %s, %s, %s\n", runtime.GOOS, runtime.GOARCH, tensor.Workers(), tensor.ISA(), runtime.Version(), time.Now().Format("2006-01-02"))
	for _, s := range sweeps {
		if strings.Contains(s.title, *only) {
			fmt.Fprintln(os.Stderr, s.title)
			fmt.Print(s.run(*budget))
		}
	}
}

// A sweep is a table: works of several sizes.
type sweep struct {
	title string
	size  string // what grows: head of the first column
	unit  string // to which cost is proportional
	works []string
	sizes []int
	// at prepares the works at a size, and says how many units it has.
	at func(size int) (count float64, ws []work)
}

// A work can be run, and holds memory.
type work struct {
	run   func()
	bytes int64
}

// A cell is the cost of a work.
type cell struct {
	seconds float64
	bytes   int64
}

func (s sweep) run(budget time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n%s", s.title, head(s.size, s.unit, s.works))
	for _, size := range s.sizes {
		count, ws := s.at(size)
		var cells []cell
		for _, w := range ws {
			cells = append(cells, cell{best(w.run, budget), w.bytes})
		}
		b.WriteString(row(size, count, cells))
	}
	return b.String()
}

// best runs f until the budget is spent, at least three times, and returns the
// shortest time.
func best(f func(), budget time.Duration) float64 {
	f()
	shortest, begin := 0.0, time.Now()
	for i := 0; i < 3 || time.Since(begin) < budget; i++ {
		start := time.Now()
		f()
		if t := time.Since(start).Seconds(); i == 0 || t < shortest {
			shortest = t
		}
	}
	return shortest
}

func head(size, unit string, works []string) string {
	line, rule := "| "+size+" |", "|---|"
	for _, w := range works {
		line += fmt.Sprintf(" %s | per %s | memory | per %s |", w, unit, unit)
		rule += "---|---|---|---|"
	}
	return line + "\n" + rule + "\n"
}

func row(size int, count float64, cells []cell) string {
	line := fmt.Sprintf("| %d |", size)
	for _, c := range cells {
		line += fmt.Sprintf(" %s | %s | %s | %s |", units.Duration(c.seconds), units.Duration(c.seconds/count), megabytes(float64(c.bytes)), megabytes(float64(c.bytes)/count))
	}
	return line + "\n"
}

func megabytes(bytes float64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%.3g MB", bytes/1e6)
	}
	return fmt.Sprintf("%.*f MB", max(0, 2-int(math.Log10(bytes/1e6))), bytes/1e6)
}
