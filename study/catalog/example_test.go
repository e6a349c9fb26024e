package catalog_test

import (
	"fmt"

	"breakeven/study"
	"breakeven/study/catalog"
)

// The trials that one figure of a paper needs.
func ExampleFind() {
	s, err := catalog.Find("jastrzebski2020breakeven")
	if err != nil {
		fmt.Println(err)
		return
	}
	specs, err := s.Specs(study.Paper, "5a")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, spec := range specs {
		fmt.Println(spec.Model, spec.LR)
	}
	// Output:
	// simplecnn 0.01
	// simplecnn-bn 0.001
	// simplecnn-bn 0.01
	// simplecnn-bn 0.1
	// simplecnn-bn 1
}
