package main

// The registers of the Winograd transforms, as in winograd.go.
const (
	zMatrix r = 0 // the current place in the first of the sixteen matrices
	zStride r = 1 // bytes between matrices
	zRow    r = 2 // the current place in the current matrix
	zImage  r = 3
	zOff    r = 4 // offsets of the current tile
	zAt     r = 5 // bytes from the first channel to the current vector
	zNone   r = 6 // the image of zeros
	zLeft   r = 7 // channels left
	zTiles  r = 8
	zPixel  r = 9
	zBias   r = 10
	zMask   r = 11
	zAcc    r = 12
	zStep   r = 13
	zGap    r = 14
	zPlace  r = 15
)

// winograd writes the transforms of F(2×2, 3×3).
func (n *neon) winograd() {
	n.winogradImage("winogradInput", "Input", 16, n.inputBody)
	n.winogradImage("winogradSpread", "Spread", 4, n.spreadBody)
	n.winogradOutput()
}

// channels writes a loop over the channels of a tile: a vector at a time, then one. move is the
// instruction that loads and stores so many bytes, after is written behind each of them.
func (n *neon) channels(count string, body func(move string), after func(bytes int)) {
	n.do("MOVD", "$0, %s", zAt)
	n.arg(count, zLeft)
	for _, part := range []struct {
		name, next, move string
		values           int
	}{{"whole", "rest", "FMOVQ", 4}, {"single", "next", "FMOVS", 1}} {
		n.label = ""
		n.strips(part.name, part.next, part.values, zLeft, func() {
			n.label = part.name
			body(part.move)
			n.label = ""
			n.do("ADD", "$%d, %s", 4*part.values, zAt)
			n.do("ADD", "$%d, %s", 4*part.values, zMatrix)
			after(4 * part.values)
		})
	}
}

// winogradBegin loads the arguments that all transforms have.
func (n *neon) winogradBegin(image, matrix string) {
	n.arg(image, zImage)
	n.arg("off", zOff)
	n.arg(matrix, zMatrix)
	n.arg("tiles", zTiles)
	n.arg("stride", zStride)
	n.do("LSL", "$2, %s", zStride)
}

// winogradImage writes a transform that reads pixels pixels of a tile.
func (n *neon) winogradImage(name, doc string, pixels int, body func(move string)) {
	n.function(name, "(v *float32, stride int, x *float32, off *int32, tiles, depth int, zero *float32)", 0,
		name+"NEON is Winograd"+doc+" for positive tiles and depth. It checks nothing.")
	n.winogradBegin("x", "v")
	n.arg("zero", zNone)
	n.at("tile")
	n.channels("depth", body, func(int) {})
	n.do("ADD", "$%d, %s", 4*pixels, zOff)
	n.do("SUBS", "$1, %s", zTiles)
	n.jump("BNE", "tile")
	n.do("RET", "")
}

// pixel loads the current channels of a pixel of the tile, or zeros if it is not there.
func (n *neon) pixel(move string, p int, to v) {
	n.do("MOVW", "%d(%s), %s", 4*p, zOff, zPlace)
	n.do("ADD", "%s<<2, %s, %s", zPlace, zAt, zPixel)
	n.do("ADD", "%s, %s", zImage, zPixel)
	n.do("CMP", "$0, %s", zPlace)
	n.do("CSEL", "LT, %s, %s, %s", zNone, zPixel, zPixel)
	n.do(move, "(%s), %s", zPixel, to)
}

// matrix loads or stores the current vector of the next of the sixteen matrices.
func (n *neon) matrix(move string, store bool, x v) {
	if store {
		n.do(move, "%s, (%s)", x, zRow)
	} else {
		n.do(move, "(%s), %s", zRow, x)
	}
	n.do("ADD", "%s, %s", zStride, zRow)
}

// inputBody writes V = Bᵀ d B for one vector of channels.
func (n *neon) inputBody(move string) {
	for p := range 16 {
		n.pixel(move, p, v(16+p))
	}
	n.do("MOVD", "%s, %s", zMatrix, zRow)
	for i := range 4 {
		for j := range 4 {
			n.combination(i, func(k int) v { return v(16 + 4*k + j) }, v(j))
		}
		for j := range 4 {
			out := v(4 + j)
			n.combination(j, func(k int) v { return v(k) }, out)
			n.matrix(move, true, out)
		}
	}
}

// combination sets dst to row i of Bᵀ times d.
func (n *neon) combination(i int, d func(k int) v, dst v) {
	switch i {
	case 0:
		n.v("fsub.4s", dst, d(0), d(2))
	case 1:
		n.v("fadd.4s", dst, d(1), d(2))
	case 2:
		n.v("fsub.4s", dst, d(2), d(1))
	case 3:
		n.v("fsub.4s", dst, d(1), d(3))
	}
}

// spreadBody writes Z = A y Aᵀ for one vector of channels, without the signs of the last row
// and column.
func (n *neon) spreadBody(move string) {
	for p := range 4 {
		n.pixel(move, p, v(p))
	}
	n.do("MOVD", "%s, %s", zMatrix, zRow)
	for i := range 4 {
		left, right := n.spread(i, 0, 2, v(4+2*i)), n.spread(i, 1, 3, v(5+2*i))
		for j := range 4 {
			n.matrix(move, true, n.spread(j, left, right, v(12+j)))
		}
	}
}

// spread returns row i of A times (x, y), with a positive sign in the last row.
func (n *neon) spread(i int, x, y, dst v) v {
	switch i {
	case 0:
		return x
	case 1:
		n.v("fadd.4s", dst, x, y)
	case 2:
		n.v("fsub.4s", dst, x, y)
	case 3:
		return y
	}
	return dst
}

// winogradOutput writes the kernel of WinogradOutput. mask is nil if nothing is masked.
func (n *neon) winogradOutput() {
	n.function("winogradOutput", "(y *float32, off *int32, m *float32, stride, tiles, cols int, bias *float32, biasStep int, floor float32, mask *float32, acc bool)", 0,
		"winogradOutputNEON is WinogradOutput for positive tiles and cols. biasStep is 0 if bias points to",
		"zeros, and 1 otherwise. It checks nothing.")
	n.winogradBegin("y", "m")
	n.arg("mask", zMask)
	n.do("MOVBU", "%s, %s", n.place("acc"), zAcc)
	n.arg("biasStep", zStep)
	n.do("FMOVS", "%s, F14", n.place("floor"))
	n.v("dup.4s", 14, 14)
	n.at("tile")
	n.arg("bias", zBias)
	n.channels("cols", n.outputBody, func(bytes int) {
		n.do("MOVD", "$%d, %s", bytes, zPlace)
		n.do("MADD", "%s, %s, %s, %s", zPlace, zBias, zStep, zBias)
	})
	n.do("ADD", "$16, %s", zOff)
	n.do("SUBS", "$1, %s", zTiles)
	n.jump("BNE", "tile")
	n.do("RET", "")
}

// outputBody writes y = Aᵀ M A and the epilogue for one vector of channels.
func (n *neon) outputBody(move string) {
	n.do("MOVD", "%s, %s", zMatrix, zRow)
	for i := range 4 {
		for j := range 4 {
			n.matrix(move, false, v(4+j))
		}
		n.v("fadd.4s", 8, 4, 5)
		n.v("fadd.4s", 8, 8, 6)
		n.v("fsub.4s", 9, 5, 6)
		n.v("fsub.4s", 9, 9, 7)
		for j := range v(2) {
			t, upper, lower := 8+j, j, 2+j
			switch i {
			case 0:
				n.assign(upper, t)
			case 1:
				n.v("fadd.4s", upper, upper, t)
				n.assign(lower, t)
			case 2:
				n.v("fadd.4s", upper, upper, t)
				n.v("fsub.4s", lower, lower, t)
			case 3:
				n.v("fsub.4s", lower, lower, t)
			}
		}
	}
	n.do(move, "(%s), F4", zBias)
	for p := range v(4) {
		n.outputPixel(move, p)
	}
}

// outputPixel writes the epilogue of pixel p, which is in the register of the same number.
func (n *neon) outputPixel(move string, p v) {
	outer := n.label
	defer func() { n.label = outer }()
	n.label = outer + p.String()
	n.do("MOVW", "%d(%s), %s", 4*int(p), zOff, zPlace)
	n.do("TBNZ", "$31, %s, %s", zPlace, n.l("skip"))
	n.do("ADD", "%s<<2, %s, %s", zPlace, zAt, zPlace)
	n.do("ADD", "%s, %s, %s", zImage, zPlace, zPixel)
	n.v("fadd.4s", p, p, 4)
	n.do("CBZ", "%s, %s", zAcc, n.l("first"))
	n.do(move, "(%s), F5", zPixel)
	n.v("fadd.4s", p, p, 5)
	n.at("first")
	n.v("fcmgt.4s", 5, 14, p)
	n.v("bit.16b", p, 14, 5)
	n.do("CBZ", "%s, %s", zMask, n.l("all"))
	n.do("ADD", "%s, %s", zMask, zPlace)
	n.do(move, "(%s), F5", zPlace)
	n.keepPositive(5, p)
	n.at("all")
	n.do(move, "%s, (%s)", p, zPixel)
	n.at("skip")
}
