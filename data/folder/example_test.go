package folder_test

import (
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"breakeven/data/folder"
)

// Two classes of one image each.
func Example() {
	root, err := os.MkdirTemp("", "photos")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(root)
	for _, class := range []string{"cat", "dog"} {
		if err := os.Mkdir(filepath.Join(root, class), 0o777); err != nil {
			log.Fatal(err)
		}
		f, err := os.Create(filepath.Join(root, class, "1.png"))
		if err != nil {
			log.Fatal(err)
		}
		if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
			log.Fatal(err)
		}
		f.Close()
	}
	set, err := folder.Open(root, 0)
	if err != nil {
		log.Fatal(err)
	}
	decoder, err := folder.NewDecoder(root, 16, 1<<24, []float64{0.5, 0.5, 0.5}, []float64{0.5, 0.5, 0.5})
	if err != nil {
		log.Fatal(err)
	}
	loader, err := folder.NewLoader(decoder, set.Train, true, 1, 2)
	if err != nil {
		log.Fatal(err)
	}
	x, y := loader.Batch(0)
	fmt.Println(set.Classes, len(x), len(y), x[0])
	// Output: [cat dog] 1536 2 -1
}
