package trial

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/run"
)

// A checkpoint that is sent has the numbers of one that is measured along its file, also after a
// measurement that was given up.
func TestMeter(t *testing.T) {
	spec := small("tiny", "sgd")
	dir, _ := series(t, spec, "w-0.safetensors", "w-2.safetensors", "w-4.safetensors")
	s := along(spec, map[string]string{"files_path": filepath.Join(dir, "w-2.safetensors")})
	want := new(tape)
	if _, err := openAlong(t, s).Run(context.Background(), nil, 0, want); err != nil {
		t.Fatal(err)
	}
	s.Kind, s.More = "descent", nil
	m, err := NewMeter(s, Env{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	open := func(name string) (*os.File, int64) {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		info, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		return file, info.Size()
	}
	measured := func(ctx context.Context, name string) (run.Record, error) {
		file, size := open(name)
		r, notes, err := m.Measure(ctx, file, size, 2, 0.05)
		if notes != nil {
			t.Errorf("notes %q", notes)
		}
		return r, err
	}
	ctx := after(1 << 40)
	if _, err := measured(ctx, "w-4.safetensors"); err != nil {
		t.Fatal(err)
	}
	for n, points := 0, ctx.asked(1<<40); n < points; n += 1 + points/3 {
		gone := after(n)
		if _, err := measured(gone, "w-4.safetensors"); err == nil || !errors.Is(err, gone.Err()) {
			t.Errorf("given up at point %d of %d: %v", n, points, err)
		}
		got, err := measured(context.Background(), "w-2.safetensors")
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range want.records[2].Values {
			g, ok := got.Get(v.Key)
			if v.How.Seconds, g.How.Seconds = 0, 0; v.Key != "lr" && (!ok || fmt.Sprintf("%+v", g) != fmt.Sprintf("%+v", v)) {
				t.Errorf("after point %d: %+v, want %+v", n, g, v)
			}
		}
	}
	if len(m.Memory()) < 3 || !strings.HasPrefix(m.About(), "tiny on ") {
		t.Errorf("memory %v, about %s", m.Memory(), m.About())
	}

	// What does not fit, and what is no number, is the sender's fault.
	file, size := open("w-0.safetensors")
	var fault *WeightsError
	if _, _, err := m.Measure(context.Background(), file, size-1, 0, 0); !errors.As(err, &fault) || !strings.Contains(err.Error(), "weights: checkpoint: ") {
		t.Errorf("a file that is cut off: %v", err)
	}
	_, original := series(t, spec, "a.safetensors", "b.safetensors", "c.safetensors")
	tensors := original.checkpoints[0].Weights
	tensors[0].Data[0] = float32(math.NaN())
	torchFile(t, filepath.Join(dir, "nan.pt"), "model", 0, tensors)
	file, size = open("nan.pt")
	if _, _, err := m.Measure(context.Background(), file, size, 0, 0); !errors.As(err, &fault) || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("weights that are no numbers: %v", err)
	}
	for _, s := range []run.Spec{along(spec, nil), {Kind: "descent", Weights: "a.pt"}} {
		if _, err := NewMeter(s, Env{}); err == nil || !strings.Contains(err.Error(), "leave") {
			t.Errorf("%s, weights %q: %v", s.Kind, s.Weights, err)
		}
	}
}
