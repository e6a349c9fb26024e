package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSystemBound(t *testing.T) {
	const meminfo = "MemTotal:  16000 kB\nMemAvailable:   8000 kB\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  int64
		ok    bool
	}{
		"nothing told": {map[string]string{}, 0, false},
		"old kernel":   {map[string]string{"proc/meminfo": "MemTotal: 16000 kB\n"}, 0, false},
		"no groups":    {map[string]string{"proc/meminfo": meminfo}, 8000 << 10, true},
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
