package kernel

import "fmt"

// WinogradFilter sets U = G g Gᵀ for n filters of 3×3: u[k·stride + c], k = 4i+j,
// from g[t·gap + c], t = 3i+j.
func WinogradFilter(u []float32, stride int, g []float32, gap, n int) {
	if checkFilters("WinogradFilter", len(u), stride, len(g), gap, n) {
		winogradFilter(u, stride, g, gap, n)
	}
}

// WinogradGradient sets g = Gᵀ u G, the adjoint of WinogradFilter, for sums u of
// products with the results of WinogradSpread, in which the last row and column have the
// opposite sign.
func WinogradGradient(g []float32, gap int, u []float32, stride, n int) {
	if checkFilters("WinogradGradient", len(u), stride, len(g), gap, n) {
		winogradGradient(g, gap, u, stride, n)
	}
}

// checkFilters panics unless the lengths fit, and reports whether there is
// anything to do.
func checkFilters(name string, u, stride, g, gap, n int) bool {
	if n < 0 || stride < n || gap < n || n > 0 && (u < 15*stride+n || g < 8*gap+n) {
		panic(fmt.Sprintf("kernel: %s: %d filters, stride %d in %d values, %d in %d values", name, n, stride, u, gap, g))
	}
	return n > 0
}
