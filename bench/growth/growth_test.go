package main

import (
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/model"
	"breakeven/nn"
)

func TestTable(t *testing.T) {
	h, r := head("batch", "example", []string{"a", "b"}), row(4, 8, []cell{{0.016, 4e6}, {1.5, 1234e6}})
	if want := "| 4 | 16 ms | 2 ms | 4.00 MB | 0.5 MB | 1.5 s | 188 ms | 1234 MB | 154 MB |\n"; r != want {
		t.Errorf("got %q, want %q", r, want)
	}
	for _, line := range strings.SplitAfter(strings.TrimSpace(h), "\n") {
		if strings.Count(line, "|") != strings.Count(r, "|") {
			t.Errorf("%q has other columns than %q", line, r)
		}
	}
}

// The networks are what their comments say.
func TestNetworks(t *testing.T) {
	net := model.SimpleCNN(nn.Shape{C: 3, H: 32, W: 32}, 10)
	if got := wide(1); got.net.Dim() != net.Dim() {
		t.Errorf("%d parameters, SimpleCNN has %d", got.net.Dim(), net.Dim())
	}
	want := 1024*27*32 + 1024*288*32 + 256*288*64 + 256*576*64 + 4096*128 + 1280
	if got := wide(1).count; got != float64(want) {
		t.Errorf("%v multiply-adds, want %d", got, want)
	}
	if one, three := deep(1), deep(3); three.count-one.count != 2*2*256*288*32 {
		t.Errorf("two blocks more are %v multiply-adds", three.count-one.count)
	}
}

// Each sweep can be prepared and run at its smallest size, and is quick there.
func TestSweeps(t *testing.T) {
	for _, s := range sweeps {
		units, ws := s.at(s.sizes[0])
		if len(ws) != len(s.works) || !(units > 0) {
			t.Fatalf("%s: %d works, %v units", s.title, len(ws), units)
		}
		if !testenv.Whole() && s.sizes[0] > 64 {
			continue
		}
		for i, w := range ws {
			if w.run(); w.bytes <= 0 {
				t.Errorf("%s: %s holds %d bytes", s.title, s.works[i], w.bytes)
			}
		}
	}
}
