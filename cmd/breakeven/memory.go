package main

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"breakeven/internal/garbage"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trial"
)

// programMemory is what the program takes before anything is counted that a run
// allocates: its code as far as it is mapped, and the Go runtime. It is measured: between 27 MB
// and, for a file that has just been built, whose pages the system maps many at a time, 42 MB. TestPeak
// holds it.
const programMemory = 39e6

// storeMemory is what an open store takes: the database, and its code.
const storeMemory = 4e6

// A bound is what the process may take in all.
type bound struct {
	bytes int64
	what  string // in words: "free"
}

// checkMemory returns an error if the parts and the program need more than the
// limit, or, where the limit is "", than the system allows, as far as it tells.
// The levers are the flags that make parts smaller.
func checkMemory(parts []trial.Memory, limit string, levers map[string]string) error {
	allowed, ok := systemBound("/")
	if limit != "" {
		n, err := parseSize(limit)
		if err != nil {
			return usagef("--memory: %w", err)
		}
		allowed, ok = bound{n, "allowed by --memory"}, true
	}
	all := append(slices.Clone(parts), trial.Memory{Part: "the program itself", Bytes: programMemory})
	need := totalMemory(all)
	if !ok || need <= allowed.bytes {
		return nil
	}
	return fmt.Errorf("this needs %s of memory (%s) and %s is %s: %s",
		bytesText(need), partsText(all, 3), bytesText(allowed.bytes), allowed.what, advice(parts, levers))
}

// checkJob is checkMemory of a trial that is kept in a store.
func (a *app) checkJob(t trial.Job) error {
	return a.checkFitting(runMemory(t), t, withStore)
}

// checkFitting is checkMemory of what may know what would fit; with adds what it takes besides.
func (a *app) checkFitting(parts []trial.Memory, what any, with func([]trial.Memory) []trial.Memory) error {
	err := checkMemory(parts, a.memory, runLevers)
	f, ok := what.(interface {
		Fitting(fits func([]trial.Memory) bool) string
	})
	if err == nil || !ok {
		return err
	}
	hint := f.Fitting(func(parts []trial.Memory) bool { return checkMemory(with(parts), a.memory, nil) == nil })
	if hint == "" {
		return err
	}
	return fmt.Errorf("%w; %s", err, hint)
}

// checkReading is checkMemory for what is read before it is known what a run needs
// in all: the data set, and the weights file if there is one. Names that are wrong
// are for others to find.
func checkReading(spec run.Spec, limit string) error {
	var parts []trial.Memory
	if bytes := readingOf(spec); bytes > 0 {
		parts = append(parts, trial.Memory{Part: "data", Bytes: bytes})
	}
	if file, err := os.Stat(spec.Weights); err == nil && spec.Weights != "" && file.Mode().IsRegular() {
		parts = append(parts, trial.Memory{Part: "weights file", Bytes: file.Size()})
	}
	return checkMemory(parts, limit, nil)
}

// readingOf is what the data of a spec take while they are read.
func readingOf(s run.Spec) int64 {
	if trial.Lacks(s, "data") != "" {
		return 0
	}
	return task.Reading(s)
}

// runMemory is what a run takes that is kept in a store, or what its data took while
// they were read, if that is more.
func runMemory(t trial.Job) []trial.Memory {
	parts := withStore(t.Memory())
	if more := readingOf(t.Plan().Spec) - totalMemory(parts); more > 0 {
		parts = append(parts, trial.Memory{Part: "reading the data", Bytes: more})
	}
	return parts
}

// withStore adds what a run takes besides its trial.
func withStore(parts []trial.Memory) []trial.Memory {
	return withGarbage(append(parts, trial.Memory{Part: "store", Bytes: storeMemory}))
}

// withGarbage adds what the collector lets lie between two collections.
func withGarbage(parts []trial.Memory) []trial.Memory {
	return append(parts, trial.Memory{Part: "garbage", Bytes: totalMemory(parts) * garbage.Running / 100})
}

func totalMemory(parts []trial.Memory) int64 {
	var sum int64
	for _, p := range parts {
		sum += p.Bytes
	}
	return sum
}

// partsText lists the n largest parts.
func partsText(parts []trial.Memory, n int) string {
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b trial.Memory) int { return cmp.Compare(b.Bytes, a.Bytes) })
	var words []string
	for i, p := range parts {
		if i == n {
			words = append(words, "…")
			break
		}
		words = append(words, p.Part+" "+bytesText(p.Bytes))
	}
	return strings.Join(words, ", ")
}

// parseSize reads "2GB", "512 MiB", "1000000B".
func parseSize(s string) (int64, error) {
	m := size.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is no amount of memory; write it like 512MB or 2GB", s)
	}
	if m[2] == "" && m[1] != "0" {
		return 0, fmt.Errorf("%q has no unit; write it like 512MB or 2GB", s)
	}
	v, err := strconv.ParseFloat(m[1], 64)
	v *= units[strings.ToLower(m[2])]
	if err != nil || v >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is more memory than there is", s)
	}
	return int64(v), nil
}

var (
	size  = regexp.MustCompile(`(?i)^([0-9]+(?:\.[0-9]+)?) *((?:[kmgt]i?)?b?)$`)
	units = map[string]float64{
		"": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
		"ki": 1 << 10, "kib": 1 << 10, "mi": 1 << 20, "mib": 1 << 20, "gi": 1 << 30, "gib": 1 << 30, "ti": 1 << 40, "tib": 1 << 40,
	}
)

// advice says what to reduce: the flags that make the largest parts smaller, if
// there are any.
func advice(parts []trial.Memory, levers map[string]string) string {
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b trial.Memory) int { return cmp.Compare(b.Bytes, a.Bytes) })
	var flags []string
	for _, p := range parts {
		flag := levers[p.Part]
		if flag != "" && len(flags) < 2 && !slices.Contains(flags, flag) && p.Bytes > totalMemory(parts)/10 {
			flags = append(flags, flag)
		}
	}
	if len(flags) == 0 {
		return "take a smaller model or data set"
	}
	return fmt.Sprintf("reduce %s, or take a smaller model", strings.Join(flags, " and "))
}

// The flags that decide how large the parts are: of a run, and of a measurement at
// given weights.
var (
	runLevers = map[string]string{
		"training":        "--batch",
		"measurement set": "--examples",
		"gradients of K":  "--l",
		"per-example K":   "--per-example",

		"kernels":             "--points",
		"truncated flow":      "--level",
		"flow of the network": "--hidden-width",
	}
	measureLevers = map[string]string{
		"measurement set": "--examples",
		"gradients of K":  "--minibatches",
		"per-example K":   "--examples",
		"tangent kernel":  "--ntk",
		"training step":   "--batch",
	}
)
