package report

import (
	"fmt"
	"io"
	"path/filepath"

	"breakeven/internal/atomicfile"
	"breakeven/study"
)

// Pictures writes figures into a folder, which it makes if there is none, as
// NAME.svg and NAME.png for slides and documents. It returns the names of the
// files.
func Pictures(dir string, groups []study.Group) ([]string, error) {
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
		for _, f := range g.Figures {
			if len(f.Curves) == 0 {
				continue
			}
			p := picture(f, true)
			svg, err := p.SVG(width, height)
			if err := write(f.Name+".svg", svg, err); err != nil {
				return files, fmt.Errorf("report: pictures: %w", err)
			}
			png, err := p.PNG(width, height)
			if err := write(f.Name+".png", png, err); err != nil {
				return files, fmt.Errorf("report: pictures: %w", err)
			}
		}
	}
	return files, nil
}
