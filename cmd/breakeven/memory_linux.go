package main

import (
	"bufio"
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// freeMemory returns how many bytes a process may still take: what the kernel
// calls available, or less where a control group of the process or of its
// parents allows less. root is "/", but for tests.
func freeMemory(root string) (int64, bool) {
	info, err := os.ReadFile(filepath.Join(root, "proc/meminfo"))
	if err != nil {
		return 0, false
	}
	kilobytes, ok := field(info, "MemAvailable:")
	if !ok {
		return 0, false
	}
	free := kilobytes << 10
	groups, _ := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(parts) < 3:
		case parts[0] == "0": // version 2
			free = min(free, groupFree(filepath.Join(root, "sys/fs/cgroup"), parts[2], "memory.max", "memory.current", "inactive_file"))
		case parts[1] == "memory": // version 1
			free = min(free, groupFree(filepath.Join(root, "sys/fs/cgroup/memory"), parts[2], "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"))
		}
	}
	return max(free, 0), true
}

// groupFree returns the least that a control group and its parents leave. What
// they use includes files in memory that are given back when asked for.
func groupFree(mount, group, limit, usage, cached string) int64 {
	free := int64(math.MaxInt64)
	for dir := filepath.Join("/", group); ; dir = filepath.Dir(dir) {
		most, ok1 := number(filepath.Join(mount, dir, limit))
		used, ok2 := number(filepath.Join(mount, dir, usage))
		if ok1 && ok2 {
			stat, _ := os.ReadFile(filepath.Join(mount, dir, "memory.stat"))
			back, _ := field(stat, cached)
			free = min(free, most-used+back)
		}
		if dir == "/" {
			return free
		}
	}
}

// number reads a file that holds one number; "max" is none.
func number(name string) (int64, bool) {
	b, err := os.ReadFile(name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil
}

// field returns the number that stands behind a word at the beginning of a
// line.
func field(text []byte, word string) (int64, bool) {
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		if f := strings.Fields(s.Text()); len(f) >= 2 && f[0] == word {
			n, err := strconv.ParseInt(f[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
