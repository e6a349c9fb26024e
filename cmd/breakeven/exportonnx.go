package main

import (
	"bytes"
	"io"

	"breakeven/internal/export"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/task"
)

// exportFormats are those of package export, and that of a network's own file.
func exportFormats() []string { return append(export.Formats(), onnxFormat) }

const onnxFormat = "onnx"

// writeRun writes a run, or its weights, in a format. Those in ONNX are the file of its network with
// other numbers in it.
func (a *app) writeRun(output, format string, r export.Run) error {
	inputs := func() ([]nn.Input, error) {
		t, err := task.Open(r.Spec, a.dataDir)
		if err != nil {
			return nil, err
		}
		return t.Net.Inputs(), nil
	}
	if format == "safetensors" && len(r.Weights) > 0 {
		var err error
		if r.Weights, err = model.StateDict(r.Spec, inputs, r.Weights); err != nil {
			return err
		}
	}
	if format != onnxFormat {
		return a.writeTo(output, func(w io.Writer) error { return export.Write(w, format, r) })
	}
	var b bytes.Buffer
	if err := model.Save(&b, r.Spec, inputs, r.Weights); err != nil {
		return err
	}
	return a.writeTo(output, func(w io.Writer) error {
		_, err := b.WriteTo(w)
		return err
	})
}
