package run

// A Tensor is a named row-major array.
type Tensor struct {
	Name  string
	Shape []int // no dimension is negative; the empty shape is a scalar
	Data  []float32
}

// A Checkpoint is everything that a run needs to go on to the same bits.
type Checkpoint struct {
	Step    int      // updates done so far
	Weights []Tensor // parameters and running statistics, with PyTorch's names
	State   []Tensor // the rest: momentum, starting vectors. Names differ within State
	Meta    map[string]string
}
