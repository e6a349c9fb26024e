package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"

	"breakeven/tensor"
)

// machine says in words what the comparison runs on.
func machine(o options) string {
	var b strings.Builder
	info, _ := os.ReadFile("/proc/cpuinfo")
	fmt.Fprintf(&b, "- %s, %s/%s, %s, %d threads on each side, kernels for %s\n", time.Now().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, cpu(string(info)), o.threads, tensor.ISA())
	load, _ := os.ReadFile("/proc/loadavg")
	if words := strings.Fields(string(load)); len(words) > 3 {
		fmt.Fprintf(&b, "- load before the start, over 1, 5 and 15 minutes: %s\n", strings.Join(words[:3], ", "))
	}
	fmt.Fprintf(&b, "- %s\n", versions(o))
	fmt.Fprintf(&b, "- copying large memory on all threads: %.0f GB/s, read and written bytes; ", copyBandwidth(o.threads))
	fmt.Fprintf(&b, "fused multiply-adds in registers, one thread: %s\n", multiplyAdds())
	fmt.Fprintf(&b, "- at most %d interleaved rounds; times and ratios are medians; a ratio below 1 means that ours is less\n", o.rounds)
	return b.String()
}

// cpu finds name, core count and vector instructions in Linux's cpuinfo.
func cpu(info string) string {
	field := func(name string) string {
		m := regexp.MustCompile(`(?m)^` + name + `\s*: (.*)$`).FindStringSubmatch(info)
		if m == nil {
			return ""
		}
		return m[1]
	}
	var flags []string
	for _, f := range strings.Fields(field("flags")) {
		if f == "fma" || strings.HasPrefix(f, "avx") || strings.HasPrefix(f, "amx") {
			flags = append(flags, f)
		}
	}
	name := field("model name")
	if name == "" {
		name = "unknown processor"
	}
	return fmt.Sprintf("%s, %d cores, %s (%s)", name, runtime.NumCPU(), field("cache size")+" cache", strings.Join(flags, " "))
}

// versions are those of Go and of the peers' packages, as installed.
func versions(o options) string {
	list := []string{runtime.Version()}
	for _, side := range []struct{ python, packages string }{
		{o.python, "python torch numpy scipy backpack-for-pytorch PyHessian curvlinops-for-pytorch"},
		{o.jax, "jax neural-tangents"},
	} {
		const script = `
import importlib.metadata, platform, sys
for p in sys.argv[1:]:
    try:
        print(p, platform.python_version() if p == "python" else importlib.metadata.version(p))
    except importlib.metadata.PackageNotFoundError:
        print(p, "missing")
`
		out, err := exec.Command(side.python, append([]string{"-c", script}, strings.Fields(side.packages)...)...).Output()
		if err != nil {
			list = append(list, fmt.Sprintf("%s: %v", side.packages, err))
			continue
		}
		list = append(list, strings.Split(strings.TrimSpace(string(out)), "\n")...)
	}
	return strings.Join(list, ", ")
}

// copyBandwidth copies between blocks much larger than a cache of two levels,
// and returns the gigabytes per second that are read and written, best of some.
func copyBandwidth(threads int) float64 {
	const size = 1 << 28
	from, to := make([]float32, size/4), make([]float32, size/4)
	part := len(from) / threads
	best := 0.0
	for range 6 {
		begin := time.Now()
		tensor.Parallel(threads, func(i int) { copy(to[i*part:(i+1)*part], from[i*part:(i+1)*part]) })
		best = max(best, 2*size/time.Since(begin).Seconds()/1e9)
	}
	return best
}

// multiplyAdds takes the rates from the benchmark beside the kernels.
func multiplyAdds() string {
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", "Peak", "-benchtime", "200ms", "./tensor/internal/kernel").Output()
	if err != nil {
		return "unknown (" + err.Error() + ")"
	}
	return rates(string(out))
}

// rates finds the rates in the output of go test.
func rates(out string) string {
	var list []string
	for _, m := range regexp.MustCompile(`BenchmarkPeak/(\w+).*?([\d.]+) GFLOP/s`).FindAllStringSubmatch(out, -1) {
		list = append(list, m[2]+" GFLOP/s ("+m[1]+")")
	}
	if len(list) == 0 {
		return "unknown"
	}
	return strings.Join(list, ", ")
}
