package report

import (
	"fmt"
	"io"
	"path/filepath"

	"breakeven/internal/atomicfile"
)

// Pictures writes the curves of the page into a folder, which it makes where
// there is none, as KEY.svg and KEY.png for slides and documents. It returns
// the names of the files.
func Pictures(dir string, runs []Run) ([]string, error) {
	if err := atomicfile.MakeFolder(dir); err != nil {
		return nil, fmt.Errorf("report: pictures: %w", err)
	}
	var files []string
	write := func(name string, data []byte, err error) error {
		if err == nil {
			name = filepath.Join(dir, name)
			err = atomicfile.Write(name, func(w io.Writer) error { _, err := w.Write(data); return err })
			files = append(files, name)
		}
		return err
	}
	for _, g := range groups {
		figures := g.figures
		if figures == nil {
			figures = others(runs)
		}
		for _, f := range figures {
			c, keys := f.curves(runs)
			if len(keys) == 0 {
				continue
			}
			svg, err := c.SVG(width, height)
			if err := write(keys[0]+".svg", svg, err); err != nil {
				return files, fmt.Errorf("report: pictures: %w", err)
			}
			png, err := c.PNG(width, height)
			if err := write(keys[0]+".png", png, err); err != nil {
				return files, fmt.Errorf("report: pictures: %w", err)
			}
		}
	}
	return files, nil
}
