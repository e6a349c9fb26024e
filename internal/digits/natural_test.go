package digits

import (
	"slices"
	"testing"
)

func TestCompare(t *testing.T) {
	want := []string{"", "0", "07", "7", "a", "a-2.x", "a-10", "a-10.x", "a-10b", "b2c3", "b2c30", "b12c3", "b99999999999999999999", "b100000000000000000000"}
	for i, a := range want {
		for j, b := range want {
			if got := Compare(a, b); got < 0 != (i < j) || got == 0 != (i == j) {
				t.Errorf("Compare(%q, %q) = %d", a, b, got)
			}
		}
	}
	got := []string{"ckpt-10", "ckpt-2", "ckpt-1"}
	if slices.SortFunc(got, Compare); !slices.Equal(got, []string{"ckpt-1", "ckpt-2", "ckpt-10"}) {
		t.Errorf("sorted: %q", got)
	}
}
