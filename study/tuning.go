package study

// A Tuning is what short runs of one setting at several learning rates show together.
type Tuning struct {
	Tried []Tried `json:"tried"` // by learning rate
	Best  int     `json:"best"`  // place of the one to take; -1: none learned
	Next  float64 `json:"next"`  // rate to try next; 0: enough is known
	Why   string  `json:"why"`
}

// A Tried is what one of the runs shows.
type Tried struct {
	LR        float64 `json:"lr"`
	Loss      string  `json:"loss"`       // at the end, of the validation data if there are any
	Critical  string  `json:"critical"`   // η_c/η: how many times the rate the loss first rises at
	BreakEven string  `json:"break_even"` // step of break-even
	Word      string  `json:"word"`       // why it is none to take; "" if nothing speaks against it
}
