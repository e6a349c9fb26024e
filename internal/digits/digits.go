// Package digits writes numbers as people read them.
//
// It depends on nothing.
package digits

import "strconv"

// Thousands writes a number with a comma after every third digit: 1,234,567.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
