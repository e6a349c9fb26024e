package units

import "testing"

func TestDuration(t *testing.T) {
	for s, want := range map[float64]string{0: "", -1: "", 2.5e-5: "25 µs", 0.0123: "12.3 ms", 1.2345: "1.23 s", 99.94: "99.9 s", 240: "240 s"} {
		if got := Duration(s); got != want {
			t.Errorf("%v: %q, want %q", s, got, want)
		}
	}
}
