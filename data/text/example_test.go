package text_test

import (
	"fmt"
	"slices"

	"breakeven/data/text"
)

func ExampleVocabulary() {
	reviews := []string{"A great, great film!<br />", "Not a great film."}
	fmt.Printf("%q\n", slices.Collect(text.Words(reviews[0])))
	v := text.NewVocabulary(reviews, 7)
	fmt.Printf("%q\n", v.Words())
	s := v.Sequences(reviews, 4, text.Before)
	fmt.Println(s.Tokens[:4], s.Lengths[0])
	// Output:
	// ["a" "great" "great" "film" "br"]
	// ["great" "a" "film"]
	// [4 4 6 2] 4
}
