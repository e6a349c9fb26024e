package nn

// sum adds the gradient of the weights of a strip, with x in a lane, to that of its shard, one
// example after the other.
func (k *depthwise) sum(l lane, dy []float32, lo, hi, shard, worker int) {
	one, all := k.plan.scratch[worker][:k.taps*k.c], k.shardPartial(shard)
	for i := lo; i < hi; i++ {
		clear(one)
		k.addWeights(one, k.x.rows(l, i, i+1), dy[(i-lo)*k.y.size:(i-lo+1)*k.y.size], i, i+1)
		for j, g := range one {
			all[j] += float64(g)
		}
	}
}

func (k *depthwise) shardPartial(shard int) []float64 {
	n := (k.taps + 1) * k.c
	return k.partial[shard*n : (shard+1)*n]
}

// finish sums the partial gradients of the shards, in order: task 0 those of the weight, task 1 of
// the bias.
func (k *depthwise) finish(task, _ int) {
	p, to, from, stride := k.plan, k.weight, 0, k.taps
	if task == 1 {
		if to, from, stride = k.bias, k.taps, 1; !k.hasBias {
			return
		}
	}
	dst := to.of(p.dst)
	for i := range dst {
		sum, at := 0.0, (from+i%stride)*k.c+i/stride
		for s := range p.shards() {
			sum += k.shardPartial(s)[at]
		}
		if to.acc() {
			sum += float64(dst[i])
		}
		dst[i] = float32(sum)
	}
}
