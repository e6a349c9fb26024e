package main

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"breakeven/trial"
)

// checkMemory returns an error if the parts need more than the limit, or,
// where the limit is "", than is free, as far as the system tells.
func checkMemory(parts []trial.Memory, limit string) error {
	free, ok := freeMemory("/")
	what := "free"
	if limit != "" {
		n, err := parseSize(limit)
		if err != nil {
			return usagef("--memory: %w", err)
		}
		free, ok, what = n, true, "allowed by --memory"
	}
	need := totalMemory(parts)
	if !ok || need <= free {
		return nil
	}
	return fmt.Errorf("this needs %s of memory (%s) and %s is %s: reduce %s, or take a smaller model",
		bytesText(need), partsText(parts, 3), bytesText(free), what, advice(parts))
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

// parseSize reads "2GB", "512 MiB", "1000000".
func parseSize(s string) (int64, error) {
	m := size.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is no amount of memory; write it like 512MB or 2GB", s)
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

// advice names the flags that make the largest parts smaller.
func advice(parts []trial.Memory) string {
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b trial.Memory) int { return cmp.Compare(b.Bytes, a.Bytes) })
	var flags []string
	for _, p := range parts {
		if flag := levers[p.Part]; flag != "" && len(flags) < 2 && p.Bytes > totalMemory(parts)/10 {
			flags = append(flags, flag)
		}
	}
	if len(flags) == 0 {
		return "--batch"
	}
	return strings.Join(flags, " and ")
}

// levers are the flags that decide how large the parts of a trial are.
var levers = map[string]string{
	"training":        "--batch",
	"measurement set": "--examples",
	"gradients of K":  "--l",
	"per-example K":   "--per-example",
}
