package nn

import "fmt"

// A Shape is the shape of one example: T steps of C channels of H×W pixels each. T is 0 for
// what is not a sequence. A vector of n numbers is {C: n, H: 1, W: 1}, a sequence of T
// vectors {T: T, C: n, H: 1, W: 1}.
type Shape struct{ C, H, W, T int }

// Vec returns the shape of a vector of n numbers.
func Vec(n int) Shape { return Shape{C: n, H: 1, W: 1} }

// Seq returns the shape of a sequence of steps vectors of n numbers.
func Seq(steps, n int) Shape { return Shape{C: n, H: 1, W: 1, T: steps} }

// Size returns the number of numbers in an example.
func (s Shape) Size() int { return s.Steps() * s.C * s.H * s.W }

// Steps returns T, or 1 for what is not a sequence.
func (s Shape) Steps() int { return max(1, s.T) }

// Step returns the shape of one step.
func (s Shape) Step() Shape { return Shape{C: s.C, H: s.H, W: s.W} }

// vector reports whether each step is a vector.
func (s Shape) vector() bool { return s.H == 1 && s.W == 1 }

// fits reports whether all dimensions are valid.
func (s Shape) fits() bool { return s.T >= 0 && min(s.C, s.H, s.W) > 0 }

// String returns C×H×W, or the length of a vector; a sequence begins with T.
func (s Shape) String() string {
	text := fmt.Sprintf("%d×%d×%d", s.C, s.H, s.W)
	if s.vector() {
		text = fmt.Sprint(s.C)
	}
	if s.T > 0 {
		return fmt.Sprintf("%d×%s", s.T, text)
	}
	return text
}
