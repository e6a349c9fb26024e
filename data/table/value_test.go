package table

import (
	"math"
	"reflect"
	"testing"
)

// Conversions that lose something are errors, but for the rounding of floats.
func TestStore(t *testing.T) {
	f := func(x float64) value { return value{kind: Float, f: x} }
	i := func(x int64) value { return value{kind: Int, i: x} }
	s := func(x string) value { return value{kind: String, s: x} }
	yes := value{kind: Bool, i: 1}
	for _, test := range []struct {
		v    value
		want any // the value, or the error's text
		into any
	}{
		{f(1.5), 1.5, new(float64)},
		{i(3), 3.0, new(float64)},
		{yes, 1.0, new(float64)},
		{s(" 2.5e1 "), 25.0, new(float64)},
		{s("-inf"), math.Inf(-1), new(float64)},
		{i(math.MaxInt64), float64(math.MaxInt64), new(float64)},
		{value{kind: Time}, "a time (1970-01-01T00:00:00Z), where a number is wanted", new(float64)},

		{f(0.1), float32(0.1), new(float32)},
		{i(1<<53 + 1), float32(1 << 53), new(float32)},
		// Rounding to float64 first would make it the even neighbour.
		{i(1<<60 + 1<<36 + 1), float32(1<<60 + 1<<37), new(float32)},
		{s("1.000000059604644775390626"), float32(1.0000001), new(float32)},
		{f(1e39), "1e+39 is beyond a 32-bit float", new(float32)},
		{s("1e39"), `"1e39" is beyond a 32-bit float`, new(float32)},
		{f(math.Inf(1)), float32(math.Inf(1)), new(float32)},

		{i(-5), int64(-5), new(int64)},
		{f(-5), int64(-5), new(int64)},
		{s("9223372036854775807"), int64(math.MaxInt64), new(int64)},
		{s("1e3"), int64(1000), new(int64)},
		{s("+7"), int64(7), new(int64)},
		{f(0.5), "0.5 is no whole number", new(int64)},
		{s("2.5"), `"2.5" is no whole number`, new(int64)},
		{f(1e300), "1e+300 is too large for a whole number", new(int64)},
		{s("9223372036854775808"), `"9223372036854775808" is too large for a whole number`, new(int64)},
		{f(math.Inf(1)), "+Inf is too large for a whole number", new(int64)},
		{yes, int64(1), new(int64)},

		{i(math.MinInt32), int32(math.MinInt32), new(int32)},
		{i(1 << 31), "2147483648 is beyond a 32-bit integer", new(int32)},
		{s("x"), `"x" is no number`, new(int32)},

		{yes, true, new(bool)},
		{i(0), false, new(bool)},
		{f(1), true, new(bool)},
		{s("TRUE"), true, new(bool)},
		{s("0"), false, new(bool)},
		{s("yes"), `"yes" is neither true (1) nor false (0)`, new(bool)},
		{i(2), "2 is neither true (1) nor false (0)", new(bool)},

		{s(" a"), " a", new(string)},
		{i(20130801438231), "20130801438231", new(string)},
		{f(1.5), "1.5, of kind float, is no text", new(string)},
		{yes, "true, of kind bool, is no text", new(string)},
	} {
		err := test.v.store(test.into)
		got := reflect.ValueOf(test.into).Elem().Interface()
		if err != nil {
			if text, ok := test.want.(string); !ok || err.Error() != text {
				t.Errorf("%v as %T: error %q, want %v", test.v, test.into, err, test.want)
			}
		} else if got != test.want {
			t.Errorf("%v as %T: %v, want %v", test.v, test.into, got, test.want)
		}
	}
}

func TestPanics(t *testing.T) {
	f := opened(t, "a.csv", "a\n1\n")
	for _, field := range []Field{{Names: []string{"a"}}, {Names: []string{"a"}, Into: new([]float64)}, {Into: new(Array[bool])}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for %+v", field)
				}
			}()
			_ = f.Read(field)
		}()
	}
}
