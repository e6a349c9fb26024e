package main

import (
	"bufio"
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"breakeven/tensor"
)

// systemBound returns what the process may take in all, its present memory
// included: what the kernel calls available, or less where a control group of the
// process or of its parents, or a limit of the process (ulimit) allows less. root
// is "/", but for tests.
func systemBound(root string) (bound, bool) {
	info, err := os.ReadFile(filepath.Join(root, "proc/meminfo"))
	if err != nil {
		return bound{}, false
	}
	available, ok := field(info, "MemAvailable:")
	if !ok {
		return bound{}, false
	}
	status, _ := os.ReadFile(filepath.Join(root, "proc/self/status"))
	resident, _ := field(status, "VmRSS:")
	most := bound{resident<<10 + max(0, min(available<<10, groupsFree(root))), "free"}
	var threads int64
	if linkedWithC {
		threads = ownThreads + 2*int64(tensor.Workers())
	}
	for _, l := range limits {
		if n, ok := l.current(); ok {
			if b, ok := l.bound(n, status, heapMapped(), threads); ok && b.bytes < most.bytes {
				most = b
			}
		}
	}
	return most, true
}

// groupsFree returns what the control groups of the process leave.
func groupsFree(root string) int64 {
	free := int64(math.MaxInt64)
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
	return free
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

// A limit bounds what a process maps, which is more than it uses. The Go runtime
// alone maps some 1.3 GB of addresses before the program begins, and ends with a
// message of its own where it may not.
type limit struct {
	resource int
	usage    string // field of /proc/self/status
	unit     int64  // in which the Go runtime maps memory for its heap
	thread   int64  // what a new thread maps where the program is linked with C
	what     string
}

var limits = []limit{
	{syscall.RLIMIT_AS, "VmSize:", 64 << 20, 72 << 20, "left by ulimit -v"}, // a stack, and an arena of malloc
	{syscall.RLIMIT_DATA, "VmData:", 4 << 20, 9 << 20, "left by ulimit -d"},
}

const (
	// elsewhere is what the program maps until it ends besides its heap and what it
	// has mapped when it asks: the database, stacks of threads, the runtime's tables.
	elsewhere = 24 << 20
	// ownHeap is the part of programMemory that is on the heap.
	ownHeap = 4 << 20
	// ownThreads is how many threads there are besides the two that the runtime has
	// for each that computes.
	ownThreads = 8
)

// current returns the limit, if there is one.
func (l limit) current() (int64, bool) {
	var r syscall.Rlimit
	err := syscall.Getrlimit(l.resource, &r)
	return int64(r.Cur), err == nil && r.Cur <= math.MaxInt64
}

// bound returns what the process may take in all under a limit of so many bytes:
// what its heap has mapped, and whole units of what is left. The last unit does not
// count, since memory is not used without gaps. The status is that of the process,
// and threads is how many there will be, or 0 where threads take nothing.
func (l limit) bound(most int64, status []byte, mapped, threads int64) (bound, bool) {
	used, ok := field(status, l.usage)
	now, _ := field(status, "Threads:")
	room := most - used<<10 - elsewhere - max(0, threads-now)*l.thread
	if room < 0 {
		return bound{0, l.what}, ok
	}
	return bound{programMemory + mapped - ownHeap + max(0, room/l.unit-1)*l.unit, l.what}, ok
}

// heapMapped returns the memory that is mapped for the heap, in use or not.
func heapMapped() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapSys)
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
