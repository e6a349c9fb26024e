package nn

// Effects are what an operation does, or allows to be done, to the activations
// around it, and to the examples of a batch. An operation that says nothing has
// none of them. They are read once, before compilation, to make the fusions of a
// plan.
type effects struct {
	// inPlace are the lanes in which it can work in the buffers of its first input,
	// if it is the only reader.
	inPlace lanes
	// releases says that its rules do not read its own output, so that the reader may
	// change the values there.
	releases bool
	// rectifies says that it is max(x, 0).
	rectifies bool
	// fusesReLU says that it can do the work of a ReLU that reads it in place. It then
	//
	//   - writes max(y, 0) in the values lane,
	//   - writes ẏ = 0 where y ≤ 0 in the tangents lane, if fusion.masksTangents says so,
	//   - sets the lane of its output that an adjoint pass reads to 0 where y ≤ 0, in
	//     place and before anything else reads it, if fusion.masksAdjoints says so; the
	//     rules of the second order and of the examples read it later,
	//
	// to the same bits as tensor.ReLU and tensor.Mask after its own rules would.
	fusesReLU bool
	// masksInput says that, if its input is a fused ReLU, it can set to 0 what it
	// writes to x̄ where x ≤ 0, in all lanes; masksTangents that it then takes no
	// tangent of x where x ≤ 0, either.
	masksInput, masksTangents bool
	// couples says that an output of one example depends on the others of its batch.
	couples bool
}

// effective operations have effects in plans with the given settings.
type effective interface {
	effects(s Settings) effects
}

func effectsOf(op Op, s Settings) effects {
	if e, ok := op.(effective); ok {
		return e.effects(s)
	}
	return effects{}
}

// A fusion is what a node's neighbours do for it and it does for them, in one plan.
type fusion struct {
	root       [4]int // by lane: the node whose buffers hold its activations
	lastReader int    // the last node that reads it; 0: none
	relu       bool   // it does the work of the ReLU that reads it
	fused      bool   // its input does its work
	masksInput bool   // it masks x̄, for the node before the fused ReLU that it reads

	// Of a node with relu: whether it finds ȳ without the mask, and whether it has to
	// mask ẏ.
	masksAdjoints, masksTangents bool
}

// inPlace reports whether node id works in its first input's buffers.
func (f fusion) inPlace(id int) bool { return f.root[values] != id }

// fusions reads the effects of all operations, in one pass over the nodes and their
// first inputs.
func (n *Network) fusions(s Settings) []fusion {
	all, effects := make([]fusion, len(n.nodes)), make([]effects, len(n.nodes))
	for id, nd := range n.nodes {
		effects[id] = effectsOf(nd.op, s)
		f := &all[id]
		for _, in := range nd.in {
			all[in].lastReader = id
		}
		for l := range f.root {
			f.root[l] = id
		}
		if len(nd.in) == 0 {
			continue
		}
		e, in := effects[id], nd.in[0]
		before := &all[in]
		if n.nodes[in].uses != 1 || !n.nodes[in].active || e.inPlace.has(values) && !effects[in].releases {
			continue
		}
		for l := range f.root {
			if e.inPlace.has(lane(l)) {
				f.root[l] = before.root[l]
			}
		}
		if e.rectifies && effects[in].fusesReLU && f.inPlace(id) {
			f.fused, before.relu, before.masksAdjoints, before.masksTangents = true, true, true, true
		}
		if e.masksInput && before.fused {
			producer := &all[n.nodes[in].in[0]]
			f.masksInput, producer.masksAdjoints = true, false
			producer.masksTangents = !e.masksTangents
		}
	}
	return all
}

// lanes is a set of lanes.
type lanes uint8

const everyLane = lanes(1<<values | 1<<adjoints | 1<<tangents | 1<<cotangents)

func (s lanes) has(l lane) bool { return s&(1<<l) != 0 }
