// Command compare runs our works and a peer's interleaved, on the same cores,
// weights and data, and prints medians and ratios.
//
//	go run ./bench/compare -python VENV/bin/python [-rounds 5] [-only NAME]
//
// It first checks that both got the same numbers. The peer gets the better of
// its two memory layouts.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"breakeven/tensor"
)

func main() {
	python := flag.String("python", "python3", "interpreter that has the packages of bench/peers/requirements.txt")
	rounds := flag.Int("rounds", 5, "interleaved rounds")
	only := flag.String("only", "", "works whose name contains this")
	flag.Parse()
	if err := compare(os.Stdout, *python, *rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func compare(w io.Writer, python string, rounds int, only string) error {
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	in := newInputs()
	if err := in.write(dir); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s, %d cores, %s kernels, %s; medians of %d interleaved rounds\n\n", runtime.GOARCH, runtime.GOMAXPROCS(0), tensor.ISA(), time.Now().Format("2006-01-02"), rounds)
	fmt.Fprintf(w, "| work | ours | peer | ratio | same numbers to |\n|---|---|---|---|---|\n")
	for _, work := range works {
		if strings.Contains(work.name, only) {
			row, err := race(work, in, python, dir, rounds)
			if err != nil {
				row = fmt.Sprintf("| %s | | | | %v |", work.name, err)
			}
			fmt.Fprintln(w, row)
		}
	}
	return nil
}

// race times one work of ours against the peer's, which runs in a process of
// its own, for both of its layouts.
func race(work work, in *inputs, python, dir string, rounds int) (string, error) {
	p, err := startPeer(python, dir)
	if err != nil {
		return "", err
	}
	defer p.stop()
	ours := work.prepare(in)
	numbers := ours()
	best, theirs := "off", p.ask(work.name, "off")
	if theirs.err != nil {
		return "", theirs.err
	}
	p.ask(work.name, "off") // warm
	off := p.ask(work.name, "off")
	p.ask(work.name, "on")
	if on := p.ask(work.name, "on"); on.err == nil && on.Seconds < off.Seconds {
		best = "on"
	}
	p.ask(work.name, best)
	var a, b, ratio []float64
	for range rounds {
		begin := time.Now()
		ours()
		mine := time.Since(begin).Seconds()
		answer := p.ask(work.name, best)
		if answer.err != nil {
			return "", answer.err
		}
		a, b, ratio = append(a, mine), append(b, answer.Seconds), append(ratio, mine/answer.Seconds)
	}
	return fmt.Sprintf("| %s | %s | %s | %.2f | %.0e |", work.name, milliseconds(a), milliseconds(b), median(ratio), difference(numbers, theirs.Numbers)), nil
}

func milliseconds(x []float64) string { return fmt.Sprintf("%.1f ms", 1000*median(x)) }

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return (s[len(s)/2] + s[(len(s)-1)/2]) / 2
}

// difference returns the largest relative difference of two lists.
func difference(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	d := 0.0
	for i := range a {
		d = max(d, math.Abs(a[i]-b[i])/max(math.Abs(b[i]), 1e-30))
	}
	return d
}

// A peer is a running worker.
type peer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// An answer is what a peer says of one work.
type answer struct {
	Seconds float64   `json:"seconds"`
	Numbers []float64 `json:"numbers"`
	RSS     int64     `json:"rss"`
	Error   string    `json:"error"`
	err     error
}

func startPeer(python, dir string) (*peer, error) {
	cmd := exec.Command(python, "bench/peers/worker.py", dir, fmt.Sprint(runtime.GOMAXPROCS(0)))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("peer: %w", err)
	}
	return &peer{cmd, in, bufio.NewScanner(out)}, nil
}

func (p *peer) ask(work, layout string) answer {
	fmt.Fprintf(p.in, "%s/%s\n", work, layout)
	for p.out.Scan() {
		var a answer
		if json.Unmarshal(p.out.Bytes(), &a) != nil {
			continue // a library's own words
		}
		if a.Error != "" {
			a.err = fmt.Errorf("peer: %s", a.Error)
		}
		return a
	}
	return answer{err: fmt.Errorf("peer: ended")}
}

func (p *peer) stop() {
	p.in.Close()
	_ = p.cmd.Wait()
}
