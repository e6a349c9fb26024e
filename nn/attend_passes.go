package nn

import "breakeven/tensor"

// An order is a backward pass of attention: in a lane alone, whose results it keeps on the tape
// if it is that of the adjoints, or with the second-order terms.
type order struct {
	*attend
	l      lane
	second bool
}

// backwards returns the phases of a backward pass: over the edges that end in a node, and then
// over those that begin in one.
func (k *attend) backwards(l lane, second bool) []phase {
	o := order{k, l, second}
	return []phase{k.rows(o.targets), over(func() *tensor.CSR { return k.edges().T() }, o.sources)}
}

// result returns a number of a node that the pass makes.
func (o order) result(what, node, head int) *float64 {
	if o.l == adjoints {
		return o.of(what, node, head)
	}
	return o.dot(what, node, head)
}

// product returns p of an edge and, with the second order, its tangent and that of ū before φ'
// is applied, for the mean q and its tangent. Otherwise only p is needed.
func (o order) product(i, j, h int) (p, dp float64) {
	at := func(y, x lane) float64 {
		row, share := o.out(o.y.example(y, i), h)
		return float64(share) * tensor.Dot(row, o.head(o.x.example(x, j), h))
	}
	if !o.second {
		return at(o.l, values), 0
	}
	p, dp = at(adjoints, values), at(cotangents, values)
	if o.x.active {
		dp += at(adjoints, tangents)
	}
	return p, dp
}

// ubar returns ū of an edge, or its tangent.
func (o order) ubar(e edge, i, j, h int) float64 {
	p, dp := o.product(i, j, h)
	if !o.second {
		return e.slope * e.alpha * (p - *o.result(ofMean, i, h))
	}
	return e.slope * (o.alphaDot(e, i, j, h)*(p-*o.of(ofMean, i, h)) + e.alpha*(dp-*o.dot(ofMean, i, h)))
}

// targets computes q and t̄ of node i, or their tangents.
func (o order) targets(i int) {
	index, _ := o.edges().Row(i)
	for h := range o.Heads {
		q := 0.0
		for _, j := range index {
			e := o.edge(i, int(j), h)
			p, dp := o.product(i, int(j), h)
			if o.second {
				q += o.alphaDot(e, i, int(j), h)*p + e.alpha*dp
			} else {
				q += e.alpha * p
			}
		}
		*o.result(ofMean, i, h) = q
		sum := 0.0
		for _, j := range index {
			sum += o.ubar(o.edge(i, int(j), h), i, int(j), h)
		}
		*o.result(ofTargetAd, i, h) = sum
	}
}

// sources computes s̄ and x̄ of node j, or their tangents.
func (o order) sources(j int) {
	index, _ := o.edges().T().Row(j)
	for h := range o.Heads {
		sum := 0.0
		for _, i := range index {
			sum += o.ubar(o.edge(int(i), j, h), int(i), j, h)
		}
		*o.result(ofSourceAd, j, h) = sum
	}
	if !o.x.active {
		return
	}
	x := o.x.example(o.l, j)
	if !o.acc {
		clear(x)
	}
	theta, v := o.plan.theta, o.plan.v
	for h := range o.Heads {
		dx := o.head(x, h)
		for _, i := range index {
			e := o.edge(int(i), j, h)
			row, share := o.out(o.y.example(o.l, int(i)), h)
			tensor.Axpy(dx, share*float32(e.alpha), row)
			if o.second {
				row, share = o.out(o.y.example(adjoints, int(i)), h)
				tensor.Axpy(dx, share*float32(o.alphaDot(e, int(i), j, h)), row)
			}
		}
		tensor.Axpy(dx, float32(*o.result(ofSourceAd, j, h)), o.head(o.src.of(theta), h))
		tensor.Axpy(dx, float32(*o.result(ofTargetAd, j, h)), o.head(o.dst.of(theta), h))
		if o.second {
			tensor.Axpy(dx, float32(*o.of(ofSourceAd, j, h)), o.head(o.src.of(v), h))
			tensor.Axpy(dx, float32(*o.of(ofTargetAd, j, h)), o.head(o.dst.of(v), h))
		}
	}
}

// gradient computes ā = Σ_j s̄_j x_j for both parameters, one head in a task, and the gradient of
// the bias.
func (k *attend) gradient(l lane, second bool) []phase {
	o := order{k, l, second}
	return []phase{{tasks: func() int { return 2*k.Heads + 1 }, run: func(task, _ int) {
		if task == 2*k.Heads {
			if k.Bias != "" {
				k.bias.sumRows(k.y, l)
			}
			return
		}
		of, what, h := k.src, ofSourceAd, task/2
		if task%2 == 1 {
			of, what = k.dst, ofTargetAd
		}
		dst := k.head(of.of(k.plan.dst), h)
		if !of.acc() {
			clear(dst)
		}
		for j := range k.plan.cur.n {
			tensor.Axpy(dst, float32(*o.result(what, j, h)), k.head(k.x.example(values, j), h))
			if second && k.x.active {
				tensor.Axpy(dst, float32(*k.of(what, j, h)), k.head(k.x.example(tangents, j), h))
			}
		}
	}}}
}
