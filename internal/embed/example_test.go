package embed_test

import (
	"fmt"

	"breakeven/internal/embed"
)

func ExamplePCA() {
	plane, share := embed.PCA([][]float64{{0, 0, 1}, {6, 8, 1}})
	fmt.Printf("%.0f %.0f, %.0f %% of the variance\n", plane[0][0], plane[1][0], 100*share[0])
	// Output: 5 -5, 100 % of the variance
}
