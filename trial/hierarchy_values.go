package trial

import (
	"fmt"
	"math"

	"breakeven/hierarchy"
	"breakeven/run"
)

// hierarchyValues gathers what is measured of one network.
type hierarchyValues struct {
	*tangents
	values []run.Value
}

// add adds a number, or several of which the last is the value.
func (m *hierarchyValues) add(key string, value float64, vector []float64, method string) {
	k, _ := run.LookupKey(key)
	if len(vector) > 0 {
		value = vector[len(vector)-1]
	}
	m.values = append(m.values, run.Value{Key: key, Unit: k.Unit, Value: value, Vector: vector,
		How: run.How{Probe: "hierarchy", Method: method, Examples: len(m.y), Seed: m.spec.Seed}})
}

// kernels adds what the kernels of the network as drawn show.
func (m *hierarchyValues) kernels(k []*hierarchy.Tensor) {
	m.add("flow_times", 0, m.times, "halvings of flow_time")
	var sizes []float64
	for _, t := range k[1:] {
		sizes = append(sizes, t.Max())
	}
	m.add("k_size", 0, sizes, "exact kernels")
	n := len(m.y)
	diagonal := func(t *hierarchy.Tensor, weight []float64) (sum float64) {
		index := make([]int, t.Order)
		for i := range n {
			for d := range index {
				index[d] = i
			}
			w := 1.0
			if weight != nil {
				w = weight[i]
			}
			sum += w * t.At(index...) / float64(n)
		}
		return sum
	}
	if len(k) > 2 {
		m.add("f_k3", diagonal(k[2], k[0].Data), nil, "exact kernels")
	}
	if len(k) > 3 {
		m.add("k4_diagonal", diagonal(k[3], nil), nil, "exact kernels")
		m.theory()
	}
}

// theory adds what the averages over networks should be, if the theory knows their law.
func (m *hierarchyValues) theory() {
	want, err := hierarchy.Expected(m.shape.Activation, m.shape.Depth)
	if err != nil || tangentDraw.Word(m.spec) != "gaussian" {
		return
	}
	const method = "recursions over layers"
	m.add("f_k3_theory", want.FK3/float64(m.shape.Width), nil, method)
	m.add("k4_theory", want.K4/float64(m.shape.Width), nil, method)
}

// flows adds what the exact flow shows, and how far the truncated ones are from it.
func (m *hierarchyValues) flows(exact *hierarchy.Path, levels []*hierarchy.Path) {
	const method, truncated = "gradient flow of the network, Dormand and Prince", "truncated hierarchy beside gradient flow"
	start, end := exact.Snapshots[0], last(exact)
	m.add("k2_min", start.Min, nil, "exact kernels")
	m.add("k2_max", start.Max, nil, "exact kernels")
	m.add("flow_loss", end.Loss, nil, method)
	m.add("k2_drift", apart(end.K2.Data, start.K2.Data), nil, method)
	var f, k2, tests []float64
	tops := m.path(exact, func(s, _ hierarchy.Snapshot) float64 { return s.Max }, exact)
	agree := []float64{m.agreement(end)}
	for _, path := range levels {
		f = append(f, m.path(path, func(s, e hierarchy.Snapshot) float64 { return apart(s.F, e.F) }, exact)...)
		k2 = append(k2, m.path(path, func(s, e hierarchy.Snapshot) float64 { return apart(s.K2.Data, e.K2.Data) }, exact)...)
		tops = append(tops, m.path(path, func(s, _ hierarchy.Snapshot) float64 { return s.Max }, exact)...)
		tests, agree = append(tests, m.testError(path, end)), append(agree, math.NaN())
		if len(path.Snapshots) == len(m.times) {
			agree[len(agree)-1] = m.agreement(last(path))
		}
	}
	m.add("f_error", 0, ends(f, len(m.times)), truncated)
	m.add("k2_error", 0, ends(k2, len(m.times)), truncated)
	m.add("f_error_path", 0, f, truncated)
	m.add("k2_error_path", 0, k2, truncated)
	m.add("k2_max_path", 0, tops, truncated)
	if len(m.points.Test) > 0 {
		m.add("test_error", 0, tests, truncated)
	}
	if m.labels != nil {
		m.add("test_agreement", 0, agree, truncated)
	}
	m.indefinite(levels)
}

// path returns a number for each time: of the state and the exact one. NaN where the flow
// had ended.
func (m *hierarchyValues) path(p *hierarchy.Path, of func(s, exact hierarchy.Snapshot) float64, exact *hierarchy.Path) []float64 {
	list := make([]float64, len(m.times))
	for i := range list {
		list[i] = math.NaN()
		if i < len(p.Snapshots) {
			list[i] = of(p.Snapshots[i], exact.Snapshots[i])
		}
	}
	return list
}

// ends returns the last of each so many numbers.
func ends(list []float64, each int) (last []float64) {
	for i := each - 1; i < len(list); i += each {
		last = append(last, list[i])
	}
	return last
}

// testError returns the root mean square of the error on the test points.
func (m *hierarchyValues) testError(p *hierarchy.Path, exact hierarchy.Snapshot) float64 {
	if len(p.Snapshots) < len(m.times) {
		return math.NaN()
	}
	n, sum, f := len(m.y), 0.0, last(p).F
	for i := n; i < len(f); i++ {
		sum += (f[i] - exact.F[i]) * (f[i] - exact.F[i])
	}
	return math.Sqrt(sum / float64(max(1, len(f)-n)))
}

// agreement returns the share of test points at which output and label have one sign.
func (m *hierarchyValues) agreement(s hierarchy.Snapshot) float64 {
	right := 0
	for i, label := range m.labels {
		if s.F[len(m.y)+i]*label > 0 {
			right++
		}
	}
	return float64(right) / float64(max(1, len(m.labels)))
}

// indefinite adds the first time at which a level lost its positive kernel, if one did.
func (m *hierarchyValues) indefinite(levels []*hierarchy.Path) {
	first, at := math.Inf(1), 0
	for i, p := range levels {
		if p.Indefinite < first {
			first, at = p.Indefinite, i+2
		}
	}
	if at > 0 {
		m.add("indefinite", first, nil, fmt.Sprintf("truncated hierarchy at level %d", at))
	}
}
