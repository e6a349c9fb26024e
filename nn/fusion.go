package nn

// Effects are what an operation does, or allows its neighbours to do, to the activations
// around it and to the examples of a batch. The zero value means none. They are read once
// before compilation, to make the plan's table of fusions.
type effects struct {
	// inPlace are the lanes in which it can work in the buffers of its first input, if
	// nothing else reads that.
	inPlace lanes
	// releases says that its rules do not read its own output, so that the reader may
	// overwrite the values there.
	releases bool
	// rectifies says that it is max(x, 0).
	rectifies bool
	// fusesReLU says that a ReLU which reads it in place can be fused into it. It then
	//
	//   - writes max(y, 0) to the values lane,
	//   - writes ẏ = 0 for y ≤ 0 to the tangents lane, if fusion.masksTangents is set,
	//   - sets ȳ to 0 for y ≤ 0 in the lane that an adjoint pass reads, in place and before
	//     anything else reads it, if fusion.masksAdjoints is set; the second-order and
	//     per-example rules read it later,
	//
	// with the same bits as tensor.ReLU and tensor.Mask after its own rules.
	fusesReLU bool
	// masksInput says that it can set x̄ to 0 for x ≤ 0, in all lanes, if its input is a
	// fused ReLU; masksTangents says that it then also reads no tangent of x for
	// x ≤ 0.
	masksInput, masksTangents bool
	// couples says that the output of an example depends on the others of its batch.
	couples bool
	// kinked says that a derivative of some order jumps somewhere.
	kinked bool
}

// An effective operation has effects in plans with the given settings.
type effective interface {
	effects(s Settings) effects
}

func effectsOf(op Op, s Settings) effects {
	if e, ok := op.(effective); ok {
		return e.effects(s)
	}
	return effects{}
}

// A fusion is how a node of one plan is fused with its neighbours.
type fusion struct {
	root       [4]int // by lane: the node whose buffers hold its activations
	lastReader int    // the last node that reads it; 0: none
	relu       bool   // the ReLU that reads it is fused into it
	fused      bool   // it is a ReLU that is fused into its input
	masksInput bool   // it masks x̄, in place of the node into which its input is fused

	// For a node with relu: whether it must mask ȳ, and whether it must mask ẏ.
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
			if e.inPlace.has(lane(l)) && n.nodes[in].shape == nd.shape {
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
