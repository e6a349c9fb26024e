// Package export writes a run in formats that other programs read: records as
// CSV, JSON, Parquet and events of TensorBoard, final weights as safetensors.
//
// # Laws
//
//   - CSV and Parquet are one table in long form: a row for each measured number, with the
//     same columns in the same order (Row). An element of a vector has a row of its own, with
//     its index. A wide table is a pivot of step against key.
//   - A key has vectors in all of its records or in none, as its description says, in every
//     format.
//   - Every finite number reads back to the same bits, and so do the infinities. NaN reads
//     back as NaN. TensorBoard alone keeps 32 bits of a number.
//   - A column of the CSV has the same type for pandas, polars and DuckDB, whichever rows
//     they look at to find it (csv.go).
//   - The same run gives the same bytes.
//
// The columns are described in docs/formats.md.
package export

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakeven/internal/weights"
	"breakeven/run"

	"github.com/parquet-go/parquet-go"
)

// A Run is a run as it is exported. Its JSON is the JSON format.
type Run struct {
	ID       string       `json:"id"`
	Spec     run.Spec     `json:"spec"`
	Program  string       `json:"program,omitempty"` // version of the program that made it
	ISA      string       `json:"isa,omitempty"`     // instruction set that made it
	Numerics int          `json:"numerics"`          // version of the rest of what decides the bits; 0: it was not noted
	Status   run.Status   `json:"status"`
	Message  string       `json:"message,omitempty"`
	Records  []run.Record `json:"records"`
	Weights  []run.Tensor `json:"-"` // of its last checkpoint, laid out as in a state dict; for safetensors
	Step     int          `json:"-"` // of those weights
}

// Formats returns the names of the formats that Write knows.
func Formats() []string { return []string{"csv", "json", "parquet", "tensorboard", "safetensors"} }

// Write writes r to w in one of the Formats.
func Write(w io.Writer, format string, r Run) error {
	var err error
	switch format {
	case "csv":
		err = writeCSV(w, Rows(r))
	case "json":
		err = writeJSON(w, r)
	case "parquet":
		err = writeParquet(w, Rows(r))
	case "tensorboard":
		err = writeEvents(w, Rows(r))
	case "safetensors":
		err = writeWeights(w, r)
	default:
		return fmt.Errorf("export: unknown format %q; known: %s", format, strings.Join(Formats(), ", "))
	}
	if err != nil {
		return fmt.Errorf("export: run %s as %s: %w", r.ID, format, err)
	}
	return nil
}

// A Row is one measured number: a row of the long table. Others rely on the names and the order
// of the columns.
type Row struct {
	Run       string    `parquet:"run,dict"`
	Step      int64     `parquet:"step"`
	Epoch     float64   `parquet:"epoch"`
	Time      time.Time `parquet:"time,timestamp(microsecond)"`
	Key       string    `parquet:"key,dict"`
	Index     *int32    `parquet:"index,optional"` // within a vector; nil for a single number
	Value     float64   `parquet:"value"`
	Error     float64   `parquet:"error"`
	Unit      string    `parquet:"unit,dict"`
	Probe     string    `parquet:"probe,dict"`
	Method    string    `parquet:"method,dict"`
	ErrorKind string    `parquet:"error_kind,dict"`
	Examples  int64     `parquet:"examples"`
	L         int64     `parquet:"l"`
	M         int64     `parquet:"m"`
	Products  int64     `parquet:"products"`
	Seed      uint64    `parquet:"seed"`
	Tolerance float64   `parquet:"tolerance"`
	Seconds   float64   `parquet:"seconds"`
	Note      string    `parquet:"note,dict"`
	Sample    float64   `parquet:"sampling_error"`
	Sampling  string    `parquet:"sampling_kind,dict"`
	Rounding  float64   `parquet:"rounding"`
	LR        float64   `parquet:"lr"`
	Batch     int64     `parquet:"batch"`
	N         int64     `parquet:"n"`
	Name      string    `parquet:"name"`
}

// Rows returns the long table of a run.
func Rows(r Run) []Row {
	var rows []Row
	for _, record := range uniform(r.Records) {
		for _, v := range record.Values {
			row := Row{
				Run: r.ID, Step: int64(record.Step), Epoch: record.Epoch, Time: record.Time.UTC(),
				Key: v.Key, Value: v.Value, Error: v.Error, Unit: v.Unit,
				Probe: v.How.Probe, Method: v.How.Method, ErrorKind: v.How.Error,
				Examples: int64(v.How.Examples), L: int64(v.How.L), M: int64(v.How.M), Products: int64(v.How.Products),
				Seed: v.How.Seed, Tolerance: v.How.Tolerance, Seconds: v.How.Seconds, Note: v.How.Note,
				Sample: v.Sample, Sampling: v.How.Sampling, Rounding: v.How.Rounding,
				LR: v.How.LR, Batch: int64(v.How.Batch), N: int64(v.How.N),
			}
			if v.Vector == nil {
				rows = append(rows, row)
			}
			for i, x := range v.Vector {
				index := int32(i)
				row.Index, row.Value = &index, x
				if i < len(v.Errors) {
					row.Error = v.Errors[i]
				}
				if i < len(v.Samples) {
					row.Sample = v.Samples[i]
				}
				if i < len(v.Names) {
					row.Name = v.Names[i]
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// uniform returns the records with vectors under the keys of vectors, and under no other. A
// vector that a record lacks has its value as its one element.
func uniform(records []run.Record) []run.Record {
	vector := map[string]bool{}
	for _, k := range run.Measured(records) {
		vector[k.Name] = k.Vector
	}
	list := []run.Record{}
	for _, r := range records {
		r.Values = slices.Clone(r.Values)
		for i := range r.Values {
			switch v := &r.Values[i]; {
			case !vector[v.Key]:
				v.Vector, v.Names, v.Errors, v.Samples = nil, nil, nil, nil
			case len(v.Vector) == 0:
				v.Vector = []float64{v.Value}
			}
		}
		list = append(list, r)
	}
	return list
}

// columns returns the column names, which are declared in Row.
func columns() []string {
	var names []string
	for _, f := range parquet.SchemaOf(Row{}).Fields() {
		names = append(names, f.Name())
	}
	return names
}

func writeJSON(w io.Writer, r Run) error {
	r.Records = uniform(r.Records)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func writeParquet(w io.Writer, rows []Row) error {
	p := parquet.NewGenericWriter[Row](w, parquet.Compression(&parquet.Zstd), parquet.CreatedBy("breakeven", "", ""))
	if _, err := p.Write(rows); err != nil {
		return err
	}
	return p.Close()
}

func writeWeights(w io.Writer, r Run) error {
	if len(r.Weights) == 0 {
		return fmt.Errorf("it has no weights: no checkpoint was written")
	}
	return weights.Write(w, r.Weights, map[string]string{weights.RunKey: r.ID, "breakeven.step": strconv.Itoa(r.Step), weights.LayoutKey: weights.StateDict})
}
