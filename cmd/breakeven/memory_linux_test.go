package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestSystemBound(t *testing.T) {
	const (
		meminfo = "MemTotal:  16000 kB\nMemAvailable:   8000 kB\n"
		status  = "VmRSS:\t    3 kB\n"
	)
	for name, test := range map[string]struct {
		files map[string]string
		want  int64
		ok    bool
	}{
		"nothing told": {map[string]string{}, 0, false},
		"old kernel":   {map[string]string{"proc/meminfo": "MemTotal: 16000 kB\n"}, 0, false},
		"no groups":    {map[string]string{"proc/meminfo": meminfo}, 8000 << 10, true},
		"what it has":  {map[string]string{"proc/meminfo": meminfo, "proc/self/status": status}, 8003 << 10, true},
		"version 2": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/user/me\n",
			"sys/fs/cgroup/user/me/memory.max": "max\n", "sys/fs/cgroup/user/me/memory.current": "7000\n",
			"sys/fs/cgroup/user/memory.max": "5000\n", "sys/fs/cgroup/user/memory.current": "3000\n",
			"sys/fs/cgroup/user/memory.stat": "anon 2500\ninactive_file 400\n",
		}, 2400, true},
		"version 1": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "4:cpu:/\n3:memory:/box\n",
			"sys/fs/cgroup/memory/box/memory.limit_in_bytes": "9000\n", "sys/fs/cgroup/memory/box/memory.usage_in_bytes": "8000\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "8000\n",
		}, 1000, true},
		"over the limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "5000\n", "sys/fs/cgroup/memory.current": "6000\n",
		}, 0, true},
	} {
		root := t.TempDir()
		for file, text := range test.files {
			path := filepath.Join(root, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if got, ok := systemBound(root); got.bytes != test.want || ok != test.ok {
			t.Errorf("%s: %v, %v, want %d, %v", name, got, ok, test.want, test.ok)
		}
	}
	if most, ok := systemBound("/"); ok && most.bytes < 1<<20 {
		t.Errorf("this process may take %v", most)
	}
}

// A limit on address space or data leaves the part of the heap that is mapped already,
// and whole units less one.
func TestLimits(t *testing.T) {
	const status = "VmSize:\t 1000000 kB\nVmData:\t 100000 kB\nThreads:\t10\n"
	const unit = 64 << 20
	own := int64(programMemory - ownHeap)
	for _, test := range []struct {
		most, mapped, threads, want int64
	}{
		{1000000<<10 + elsewhere - 1, 20e6, 0, 0},
		{1000000<<10 + elsewhere, 20e6, 0, own + 20e6},
		{1000000<<10 + elsewhere + 2*unit - 1, 20e6, 0, own + 20e6},
		{1000000<<10 + elsewhere + 2*unit, 20e6, 0, own + 20e6 + unit},
		{1000000<<10 + elsewhere + 5*unit, 0, 0, own + 4*unit},
		{1000000<<10 + elsewhere + 5*unit, 0, 11, own + 2*unit}, // a later thread, of more than a unit
		{1000000<<10 + elsewhere + 5*unit, 0, 9, own + 4*unit},
	} {
		if got, ok := limits[0].bound(test.most, []byte(status), test.mapped, test.threads); got.bytes != test.want || !ok {
			t.Errorf("%+v: %v, %v", test, got, ok)
		}
	}
	if _, ok := limits[1].bound(1e9, nil, 0, 0); ok {
		t.Error("a limit of something unknown")
	}
}

// sizeOf is a program that prints how much address space and data it has mapped at its
// start, in bytes.
func sizeOf() {
	status, _ := os.ReadFile("/proc/self/status")
	for _, l := range limits {
		n, _ := field(status, l.usage)
		fmt.Println(n << 10)
	}
}

func init() { commands["breakeven-size"] = sizeOf }

// Under ulimit -v and ulimit -d a run either fits into memory or is refused before it
// starts.
func TestUlimit(t *testing.T) {
	if linkedWithC {
		t.Skip("threads of the C library may take what is left before the program asks; CGO_ENABLED=0 tests this")
	}
	out, err := exec.Command("breakeven-size").Output()
	if err != nil {
		t.Fatal(err)
	}
	sizes := strings.Fields(string(out))
	run := strings.Fields("run --model mlp --steps 1 --every 1 --probe loss,k,h --examples 128 --valid 100")
	for i, l := range []struct {
		flag        string
		first, step int64 // above what the program has mapped when it begins
	}{
		{"-v", 96 << 20, 48 << 20},
		{"-d", 24 << 20, 16 << 20},
	} {
		size, err := strconv.ParseInt(sizes[i], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		for n := size + l.first; ; n += l.step {
			dir := t.TempDir()
			code, text := limited(dir, l.flag, n, run...)
			if code == 0 {
				break
			}
			if code != 1 || strings.Count(text, "\n") != 1 || !strings.Contains(text, "this needs ") || !strings.Contains(text, "left by ulimit "+l.flag) {
				t.Fatalf("ulimit %s %d: exit code %d\n%s", l.flag, n>>10, code, text)
			}
			if _, err := os.Stat(filepath.Join(dir, "breakeven-runs")); err == nil {
				t.Errorf("ulimit %s %d: something was begun", l.flag, n>>10)
			}
			refused++
			if n > size+1<<30 {
				t.Fatalf("ulimit %s %d: a small run is refused\n%s", l.flag, n>>10, text)
			}
		}
		if refused == 0 {
			t.Errorf("ulimit %s: no run was refused", l.flag)
		}
	}
}

// limited runs the program in dir under a limit of so many bytes.
func limited(dir, flag string, bytes int64, args ...string) (code int, stderr string) {
	line := fmt.Sprintf(`ulimit %s %d && exec breakeven "$@"`, flag, bytes>>10)
	c := exec.Command("sh", append([]string{"-c", line, "sh"}, args...)...)
	c.Dir = dir
	var text strings.Builder
	c.Stderr = &text
	_ = c.Run()
	return c.ProcessState.ExitCode(), text.String()
}
