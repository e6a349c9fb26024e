package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"breakeven/internal/web"
	"breakeven/run"
	"breakeven/trial"
)

// measurementName is what the name of a measurement consists of, which is a part of an address.
var measurementName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// measurements prepares what configuration files say is measured at checkpoints that programs send.
func (a *app) measurements(ctx context.Context, files []string) (list []web.Measurement, err error) {
	names := map[string]string{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		switch other, ok := names[name]; {
		case ok:
			return nil, usagef("--measure: %s and %s are both called %s; rename one", other, file, name)
		case !measurementName.MatchString(name):
			return nil, usagef("--measure: %q is a part of an address: rename the file to letters, digits, - and _, such as mlp.yaml", name)
		}
		names[name] = file
		one, err := a.measurement(ctx, name, file)
		if err != nil {
			return nil, fmt.Errorf("--measure %s: %w", file, err)
		}
		list = append(list, one)
	}
	return list, nil
}

// measurement reads the data of one, and takes the memory that it needs.
func (a *app) measurement(ctx context.Context, name, file string) (one web.Measurement, err error) {
	spec, err := a.readSpec(run.Default(), file)
	if err != nil {
		return one, err
	}
	m, err := trial.NewMeter(spec, trial.Env{DataDir: a.dataDir})
	if err != nil {
		return one, err
	}
	if err := checkMemory(withGarbage(m.Memory()), a.memory, runLevers); err != nil {
		return one, err
	}
	for _, text := range m.Warnings() {
		a.warn(text)
	}
	if err := m.Start(ctx); err != nil {
		return one, err
	}
	return web.Measurement{Name: name, About: m.About(), Largest: m.Bytes(),
		Measure: func(ctx context.Context, file io.ReaderAt, size int64, step int, lr float64) (run.Record, []string, error) {
			record, notes, err := m.Measure(ctx, file, size, step, lr)
			var fault *trial.WeightsError
			if errors.As(err, &fault) {
				err = web.Unfit{Why: fault.Error()}
			}
			return record, notes, err
		}}, nil
}
