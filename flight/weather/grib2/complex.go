package grib2

import "fmt"

// unpackGroups returns the integers of complex packing (data templates 7.2 and 7.3): groups of
// values with a reference and a width of their own.
func (p *packing) unpackGroups(b *bitReader) ([]int64, error) {
	g := &p.groups
	d, err := p.descriptors(b)
	if err != nil {
		return nil, err
	}
	references, err := b.numbers(int(g.n), p.bits)
	if err != nil {
		return nil, fmt.Errorf("references of groups: %w", err)
	}
	widths, err := b.numbers(int(g.n), int(g.widthBits))
	if err != nil {
		return nil, fmt.Errorf("widths of groups: %w", err)
	}
	lengths, err := b.numbers(int(g.n), int(g.lengthBits))
	if err != nil {
		return nil, fmt.Errorf("lengths of groups: %w", err)
	}
	if err := p.measure(b, widths, lengths); err != nil {
		return nil, err
	}
	x := make([]int64, 0, p.n)
	for i := range references {
		x = p.group(x, b, references[i], int(widths[i]), int(lengths[i]))
	}
	if g.n == 0 { // a constant field
		x = x[:p.n]
	}
	d.sum(x)
	return x, nil
}

// measure completes the widths and lengths of the groups, and checks that they make up the field.
func (p *packing) measure(b *bitReader, widths, lengths []int64) error {
	g := &p.groups
	values, bits := uint64(0), uint64(0)
	for i := range widths {
		widths[i] += int64(g.width)
		lengths[i] = int64(g.length) + lengths[i]*int64(g.increment)
		if i == len(lengths)-1 {
			lengths[i] = int64(g.last)
		}
		if widths[i] > 32 || lengths[i] > int64(p.n) {
			return fmt.Errorf("group %d has %d values of %d bits: it is damaged", i+1, lengths[i], widths[i])
		}
		values += uint64(lengths[i])
		bits += uint64(lengths[i] * widths[i])
	}
	if len(widths) > 0 && values != uint64(p.n) {
		return fmt.Errorf("the groups have %d values, and the field %d: it is damaged", values, p.n)
	}
	return b.need(bits)
}

// group appends the values of one group. Of its largest numbers one or two mean missing values.
func (p *packing) group(x []int64, b *bitReader, reference int64, width, length int) []int64 {
	top := int64(1)<<width - 1
	if width == 0 {
		if top = int64(1)<<p.bits - 1; p.isMissing(reference, top) {
			reference = absent
		}
		for range length {
			x = append(x, reference)
		}
		return x
	}
	for range length {
		v := b.take(width)
		if p.isMissing(v, top) {
			x = append(x, absent)
		} else {
			x = append(x, reference+v)
		}
	}
	return x
}

func (p *packing) isMissing(v, top int64) bool {
	return p.groups.missing >= 1 && v == top || p.groups.missing == 2 && v == top-1
}

// differences are what spatial differencing took away: the first values and the least difference.
type differences struct {
	order int
	first [2]int64
	least int64
}

// descriptors reads them.
func (p *packing) descriptors(b *bitReader) (d differences, err error) {
	if p.template != 3 {
		return d, nil
	}
	size := uint64(p.groups.extra)
	d.order = int(p.groups.order)
	if err := b.need(8 * size * uint64(d.order+1)); err != nil {
		return d, fmt.Errorf("descriptors of differences: %w", err)
	}
	next := func() int64 {
		at := b.at / 8
		b.at += 8 * size
		return signed(b.data[at : at+size])
	}
	for i := range d.order {
		d.first[i] = next()
	}
	d.least = next()
	return d, nil
}

// sum undoes the differences. Missing values stay out of them.
func (d *differences) sum(x []int64) {
	var last, before int64
	n := 0
	for i := range x {
		if x[i] == absent {
			continue
		}
		switch {
		case n < d.order:
			x[i] = d.first[n]
		case d.order == 1:
			x[i] += d.least + last
		case d.order == 2:
			x[i] += d.least + 2*last - before
		}
		last, before = x[i], last
		n++
	}
}
