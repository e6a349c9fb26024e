package learn_test

import (
	"testing"

	"breakeven/flight/learn"
	"breakeven/flight/sample"
)

// Steps past the end of a flight count up to the longest one's, with targets of 0.
func TestPadded(t *testing.T) {
	s := open(t, sample.Flights(), learn.Options{Step: 120})
	_, b := coded(t, s, 7, 3, 11)
	p := learn.Padded(b)
	y, own := p.Target[0], b.Target[0]
	rows, longest := len(y.Weight)/3, 0
	for _, n := range b.In[0].Steps {
		longest = max(longest, int(n))
	}
	changed := 0
	for k := range 3 {
		for r := range rows {
			at, want := k*rows+r, own.Weight[k*rows+r]
			if n := int(b.In[0].Steps[k]); r >= n && r < longest {
				want = 1
				changed++
			}
			if y.Weight[at] != want {
				t.Errorf("flight %d: step %d counts %v, want %v", k, r, y.Weight[at], want)
			}
			if w := len(y.Vector) / len(y.Weight); r >= int(b.In[0].Steps[k]) && y.Vector[at*w] != 0 {
				t.Errorf("flight %d: step %d has the target %v", k, r, y.Vector[at*w])
			}
		}
	}
	if changed == 0 || !y.Padded || own.Padded {
		t.Errorf("%d steps are padded; %v, %v", changed, y.Padded, own.Padded)
	}
}
