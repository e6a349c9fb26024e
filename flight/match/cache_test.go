package match

import "testing"

// What was asked for last stays, and nothing goes before it is released.
func TestCache(t *testing.T) {
	c := newCache[string, int](2)
	put := func(key string, value int) bool {
		e, known := c.entry(key)
		if e == nil {
			return false
		}
		if known {
			t.Errorf("%s is known", key)
		}
		e.value = value
		return true
	}
	if !put("a", 1) || !put("b", 2) || put("c", 3) {
		t.Error("two have room, and a third has not")
	}
	c.release()
	if e, known := c.entry("a"); !known || e.value != 1 {
		t.Errorf("a is %v, %t", e, known)
	}
	if !put("c", 3) {
		t.Error("c has no room beside a")
	}
	c.release()
	if _, known := c.entry("a"); !known {
		t.Error("a is gone, which was wanted with c")
	}
	c.drop("c")
	if !put("b", 4) {
		t.Error("b has no room after c was dropped")
	}
}
