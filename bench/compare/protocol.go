package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// A request names a work and how to do it. It travels as a line of JSON.
type request struct {
	Work    string `json:"work"`
	Model   string `json:"model,omitempty"` // its network and file of weights: see folder.network
	Variant string `json:"variant"`         // of the many ways to do it
	Sizes   []int  `json:"sizes,omitempty"`
	Repeat  int    `json:"repeat,omitempty"` // times in a run, where one is too short to time
}

// An answer is what a process says of a request: a line of JSON.
type answer struct {
	Seconds float64   `json:"seconds"`
	Numbers []float64 `json:"numbers"` // to hold against the other side's
	Peak    int64     `json:"peak"`    // memory of the process so far, bytes; 0: unknown
	Error   string    `json:"error,omitempty"`
}

// parseAnswer reads a line, which anything may have written.
func parseAnswer(line []byte) (answer, error) {
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return answer{}, fmt.Errorf("no answer: %.80q", line)
	}
	switch {
	case a.Error != "":
		// The table that shows it is Markdown.
		return answer{}, errors.New(strings.NewReplacer("|", "/", "\n", " ").Replace(a.Error))
	case !(a.Seconds > 0) || math.IsInf(a.Seconds, 0) || a.Peak < 0 || len(a.Numbers) == 0:
		return answer{}, fmt.Errorf("no measurement: %.80q", line)
	}
	return a, nil
}

// serve is our side: it answers each request with a run of the work, which is
// prepared once in a row.
func serve(in io.Reader, out io.Writer, dir folder) error {
	lines, prepared := bufio.NewScanner(in), ""
	var run run
	for lines.Scan() {
		var a answer
		err := func() (err error) {
			if lines.Text() != prepared {
				run = nil
				if run, err = prepare(dir, lines.Bytes()); err != nil {
					return err
				}
				prepared = lines.Text()
			}
			seconds, numbers, err := run.timed()
			if err != nil {
				return err
			}
			a = answer{Seconds: seconds, Numbers: numbers(), Peak: peak()}
			return nil
		}()
		if err != nil {
			a, prepared = answer{Error: err.Error()}, ""
		}
		if err := json.NewEncoder(out).Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}

// settle is how long a work is repeated before it is timed: after a pause it
// takes an operating system some 20 ms to spread threads over the cores.
const settle = 100 * time.Millisecond

// timed returns the seconds that a run takes once the process has settled.
func (r run) timed() (seconds float64, numbers func() []float64, err error) {
	for since := time.Now(); ; {
		begin := time.Now()
		numbers, err = r()
		if seconds = time.Since(begin).Seconds(); err != nil || begin.Sub(since) >= settle || seconds >= settle.Seconds() {
			return seconds, numbers, err
		}
	}
}

// prepare makes a work ready.
func prepare(dir folder, line []byte) (run, error) {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return nil, err
	}
	f, ok := works[r.Work]
	if !ok {
		return nil, fmt.Errorf("unknown work %q", r.Work)
	}
	return f(dir, r)
}

// peak returns the peak resident memory of this process, 0 where the system
// does not tell. Not the maximum that getrusage gives: it begins with that of
// the process that started us.
func peak() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, _, _ := strings.Cut(rest, "kB")
	n, err := strconv.ParseInt(strings.TrimSpace(kib), 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}
