package nn

import (
	"fmt"
	"math"

	"breakeven/rng"
)

// Dropout sets each number to 0 with the probability Rate and multiplies the others by
// 1/(1−Rate), in plans with Settings.Dropout; in other plans it changes nothing
// (Srivastava et al. 2014). Its masks are decided by the seed and the step of
// [Plan.SetMasks], the name of the operation, the index of the example in the set
// ([Batch].First) and the place of the number in the example. The rate is rounded to
// 65536ths.
type Dropout struct{ Rate float64 }

// Out returns the input's shape.
func (d Dropout) Out(in ...Shape) Shape {
	one("dropout", in)
	if !(d.Rate >= 0 && d.Rate < 1) {
		panic(fmt.Sprintf("nn: dropout of a part of %v", d.Rate))
	}
	return in[0]
}

// Params returns nil.
func (Dropout) Params(...Shape) []Param { return nil }

func (Dropout) effects(Settings) effects { return effects{inPlace: everyLane, releases: true} }

// masks are the random fields of the plan's dropout operations.
type masks struct {
	names  []string // of fields, by operation
	fields []rng.Field
	seed   uint64
	step   uint64
	set    bool
	first  int // number of the first example of the batch that is being read
}

// SetMasks sets the seed and the step that decide the masks of dropout, from the next
// Forward on. A plan without dropout ignores them.
func (p *Plan) SetMasks(seed uint64, step int) {
	m := &p.masks
	if !m.set || m.seed != seed {
		for k, name := range m.names {
			m.fields[k] = rng.NewField(seed, name)
		}
	}
	m.seed, m.step, m.set = seed, uint64(step), true
}

// dropout is a compiled Dropout. Its mask stays on the tape, a byte for each number.
type dropout struct {
	plan      *Plan
	x, y      arg
	inPlace   bool
	acc       bool
	field     int
	index     int    // of the tape's memory: 1 where a number is kept
	threshold uint64 // of 16 bits
	scale     float32
}

func (d Dropout) compile(b *binding) rules {
	k := &dropout{plan: b.plan, x: b.in(0), y: b.out(), inPlace: b.fusion().inPlace(b.id), acc: b.accumulates(0)}
	if b.plan.settings.Dropout && d.Rate > 0 {
		k.threshold, k.scale = uint64(math.Round(d.Rate*65536)), float32(1/(1-d.Rate))
		k.index, k.field = b.index(), len(b.plan.masks.names)
		b.plan.masks.names = append(b.plan.masks.names, "dropout/"+b.node.name)
		b.plan.masks.fields = append(b.plan.masks.fields, rng.Field{})
	} else if k.inPlace {
		return rules{}
	}
	r := rules{forward: []phase{b.local(func(lo, hi, _, _ int) {
		k.draw(lo, hi)
		k.pass(k.y.rows(values, lo, hi), k.x.rows(values, lo, hi), lo, false)
	})}}
	if k.x.active {
		r.tangent = []phase{b.local(func(lo, hi, _, _ int) {
			k.pass(k.y.rows(tangents, lo, hi), k.x.rows(tangents, lo, hi), lo, false)
		})}
		r.adjoint = func(l lane) []phase {
			return []phase{b.local(func(lo, hi, _, _ int) { k.pass(k.x.rows(l, lo, hi), k.y.rows(l, lo, hi), lo, k.acc) })}
		}
	}
	return r
}

// kept returns the mask of n examples, beginning with lo.
func (k *dropout) kept(lo, n int) []uint8 {
	return k.plan.cur.index[k.index][lo*k.x.size:][:n]
}

// draw makes the masks of examples lo … hi-1. A place of the field gives eight numbers of
// 16 bits; an example has as many places as it needs.
func (k *dropout) draw(lo, hi int) {
	if k.scale == 0 {
		return
	}
	m, size := k.plan.masks, k.x.size
	places := (size + 7) / 8
	for i := lo; i < hi; i++ {
		kept := k.kept(i, size)
		for at := 0; at < size; at += 8 {
			a, b := m.fields[k.field].At(m.step, uint64((m.first+i)*places+at/8))
			for j := range kept[at:min(at+8, size)] {
				if j == 4 {
					a = b
				}
				kept[at+j] = 0
				if a&0xffff >= k.threshold {
					kept[at+j] = 1
				}
				a >>= 16
			}
		}
	}
}

// pass multiplies the numbers that are kept by the scale, and sets the others to 0; with
// acc it adds the result to dst.
func (k *dropout) pass(dst, src []float32, lo int, acc bool) {
	if k.scale == 0 {
		if acc {
			for i, v := range src {
				dst[i] += v
			}
		} else {
			copy(dst, src)
		}
		return
	}
	for i, keep := range k.kept(lo, len(src)) {
		v := float32(keep) * k.scale * src[i]
		if keep == 0 {
			v = 0 // also for NaN
		}
		if acc {
			v += dst[i]
		}
		dst[i] = v
	}
}
