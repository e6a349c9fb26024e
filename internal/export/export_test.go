package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"breakeven/internal/weights"
	"breakeven/run"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// sample is a run with numbers of every kind.
func sample() Run {
	how := run.How{Probe: "h", Method: `Lanczos, "full"`, Error: "residual bound", Sampling: "curvatures of examples", Rounding: 0.25, Examples: 2250, L: 25, M: 128, LR: 0.1, Batch: 32, N: 640,
		Products: 40, Seed: math.MaxUint64, Tolerance: 0.01, Seconds: 1.5, Note: "two\nlines"}
	var records []run.Record
	for step := range 3 {
		records = append(records, run.Record{
			Step: 100 * step, Epoch: float64(step) / 3, Time: time.Date(2026, 1, 2, 3, 4, 5, 678000, time.UTC),
			Values: []run.Value{
				{Key: "loss", Unit: "nat", Value: 1 / float64(step+3), How: run.How{Probe: "loss"}},
				{Key: "h_top5", Unit: "nat", Value: math.Inf(1), Vector: []float64{math.Inf(1), math.NaN(), math.Copysign(0, -1)}, Error: 5e-324, Sample: 0.125, How: how},
				{Key: "k_max", Unit: "nat²", Value: math.Inf(-1), Error: math.NaN(), How: run.How{Probe: "k"}},
			},
		})
	}
	return Run{
		ID: "0123456789ab", Spec: run.Default(), Program: "v1", ISA: "avx2", Status: run.Diverged, Message: "loss is NaN", Records: records,
		Weights: []run.Tensor{{Name: "fc.weight", Shape: []int{1, 2}, Data: []float32{1, -2}}}, Step: 200,
	}
}

func written(t *testing.T, format string, r Run) []byte {
	t.Helper()
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := Write(w, format, r); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("%s: other bytes the second time", format)
	}
	return a.Bytes()
}

var sameBits = cmp.Comparer(func(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Float64bits(a) == math.Float64bits(b)
})

func TestCSV(t *testing.T) {
	r := sample()
	lines, err := csv.NewReader(bytes.NewReader(written(t, "csv", r))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const header = "run step epoch time key index value error unit probe method error_kind examples l m products seed tolerance seconds note sampling_error sampling_kind rounding lr batch n name"
	if d := cmp.Diff(strings.Fields(header), lines[0]); d != "" {
		t.Errorf("header (-want +got)\n%s", d)
	}
	if d := cmp.Diff(strings.Split("0123456789ab|100|0.3333333333333333|2026-01-02T03:04:05.000678Z|h_top5|1|NaN|5e-324|nat|h|"+
		`Lanczos, "full"|residual bound|2250|25|128|40|18446744073709551615|0.01|1.5|`+"two\nlines|0.125|curvatures of examples|0.25|0.1|32|640|", "|"), lines[8]); d != "" {
		t.Errorf("row 8 (-want +got)\n%s", d)
	}
	rows := Rows(r)
	if len(lines) != 1+len(rows) || len(rows) != 15 {
		t.Fatalf("%d lines, %d rows", len(lines), len(rows))
	}
	for i, row := range rows {
		var got [3]float64
		for j, column := range []int{2, 6, 7} {
			if got[j], err = strconv.ParseFloat(lines[i+1][column], 64); err != nil && !errors.Is(err, strconv.ErrRange) {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff([3]float64{row.Epoch, row.Value, row.Error}, got, sameBits); d != "" {
			t.Errorf("row %d (-want +got)\n%s", i, d)
		}
	}
}

func TestJSON(t *testing.T) {
	want := sample()
	var got Run
	if err := json.Unmarshal(written(t, "json", want), &got); err != nil {
		t.Fatal(err)
	}
	want.Weights, want.Step = nil, 0
	if d := cmp.Diff(want, got, sameBits); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if text := written(t, "json", Run{}); !bytes.Contains(text, []byte(`"records": []`)) {
		t.Errorf("a run without records:\n%s", text)
	}
}

func TestParquet(t *testing.T) {
	r := sample()
	content := written(t, "parquet", r)
	got, err := parquet.Read[Row](bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Rows(r), got, sameBits); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	file, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	const schema = `message Row {
	required binary run (STRING);
	required int64 step (INT(64,true));
	required double epoch;
	required int64 time (TIMESTAMP(isAdjustedToUTC=true,unit=MICROS));
	required binary key (STRING);
	optional int32 index (INT(32,true));
	required double value;
	required double error;
	required binary unit (STRING);
	required binary probe (STRING);
	required binary method (STRING);
	required binary error_kind (STRING);
	required int64 examples (INT(64,true));
	required int64 l (INT(64,true));
	required int64 m (INT(64,true));
	required int64 products (INT(64,true));
	required int64 seed (INT(64,false));
	required double tolerance;
	required double seconds;
	required binary note (STRING);
	required double sampling_error;
	required binary sampling_kind (STRING);
	required double rounding;
	required double lr;
	required int64 batch (INT(64,true));
	required int64 n (INT(64,true));
	required binary name (STRING);
}`
	if d := cmp.Diff(schema, file.Schema().String()); d != "" {
		t.Errorf("schema (-want +got)\n%s", d)
	}
	if content := written(t, "parquet", Run{}); len(content) == 0 {
		t.Error("a run without records is no Parquet file")
	}
}

func TestSafetensors(t *testing.T) {
	r := sample()
	got, err := weights.Decode(written(t, "safetensors", r))
	if err != nil {
		t.Fatal(err)
	}
	want := &weights.File{Tensors: r.Weights, Meta: map[string]string{"breakeven.run": r.ID, "breakeven.step": "200", "breakeven.layout": "state dict"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	r.Weights = nil
	if err := Write(&bytes.Buffer{}, "safetensors", r); err == nil || !strings.Contains(err.Error(), r.ID) {
		t.Errorf("without weights: error %v", err)
	}
}

// A full disk is an error in every format, whenever it occurs.
func TestWriterErrors(t *testing.T) {
	if err := Write(&bytes.Buffer{}, "xlsx", sample()); err == nil || err.Error() != `export: unknown format "xlsx"; known: csv, json, parquet, tensorboard, safetensors` {
		t.Errorf("unknown format: error %v", err)
	}
	for _, format := range Formats() {
		size := len(written(t, format, sample()))
		for _, room := range []int{0, size / 2, size - 1} {
			if err := Write(&limited{room}, format, sample()); err == nil {
				t.Errorf("%s: no error with room for %d of %d bytes", format, room, size)
			}
		}
	}
}

// A limited writer has room for so many bytes.
type limited struct{ room int }

func (l *limited) Write(b []byte) (int, error) {
	if len(b) > l.room {
		n := l.room
		l.room = 0
		return n, fmt.Errorf("no room")
	}
	l.room -= len(b)
	return len(b), nil
}
