package graph_test

import (
	"fmt"

	"breakeven/data/graph"
)

func ExampleOpen() {
	cora, err := graph.Open("cora", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	split, err := cora.Split("full")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cora.Nodes(), "nodes,", len(cora.Edges.Index)/2, "edges,", cora.Features.Cols, "features,", cora.Classes, "classes")
	fmt.Println(len(split.Train), "nodes for training")
	// Output:
	// 2708 nodes, 5278 edges, 1433 features, 7 classes
	// 1208 nodes for training
}
