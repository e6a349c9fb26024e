package export

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"breakeven/run"

	"github.com/parquet-go/parquet-go"
)

// A reader determines the types of the columns of a CSV by its own rules, observed with
// pandas 3.1, polars 2.1 and DuckDB 2.0.
type reader struct {
	name       string
	looks      int            // rows that decide the type; later ones must fit
	integer    *regexp.Regexp // accepted spellings
	real       *regexp.Regexp // further ones
	infinities *regexp.Regexp // and those accepted only below a number
}

var readers = []reader{
	{"pandas", math.MaxInt, regexp.MustCompile(`^[+-]?\d+$`),
		regexp.MustCompile(`^([+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?|[+-]?(?i:inf|infinity)|-?NaN|-?nan)$`), nil},
	{"polars", 100, regexp.MustCompile(`^[+-]?\d+$`),
		regexp.MustCompile(`^([+-]?\d*\.\d+([eE][+-]?\d+)?|[+-]?inf|NaN|[+-]?\d+[eE][+-]?\d+|[+-]?\d+\.)$`), nil},
	{"duckdb", 20480, regexp.MustCompile(`^-?(0|[1-9]\d*)$`),
		regexp.MustCompile(`^(-?(0|[1-9]\d*)(\.\d*)?([eE][+-]?\d+)?|(?i:-?nan))$`), regexp.MustCompile(`^-?(?i:inf|infinity)$`)},
}

// typeOf returns the type of a column (integer, real or text), ignoring empty cells, or
// broken if a row does not fit the type that earlier rows have decided.
func (r reader) typeOf(cells []string) string {
	kind := ""
	for i, cell := range cells {
		is := "text"
		switch {
		case cell == "":
			continue
		case r.integer.MatchString(cell):
			is = "integer"
		case r.real.MatchString(cell), r.infinities != nil && kind != "" && kind != "text" && r.infinities.MatchString(cell):
			is = "real"
		}
		switch {
		case is == kind, kind == "text", kind == "real" && is == "integer":
		case i >= r.looks:
			return fmt.Sprintf("broken by %q in row %d", cell, i)
		case kind == "" || is == "text" || kind == "integer":
			kind = is
		}
	}
	return kind
}

// The rules give the results that were observed.
func TestReaders(t *testing.T) {
	late := append(slices.Repeat([]string{"0"}, 100), "0.5")
	for _, test := range []struct{ cells, want []string }{
		{[]string{"0", "0.5"}, []string{"real", "real", "real"}},
		{[]string{"0.5", "+Inf"}, []string{"real", "text", "text"}},
		{[]string{"0.5", "inf"}, []string{"real", "real", "real"}},
		{[]string{"inf", "0.5"}, []string{"real", "real", "text"}},
		{[]string{"1e999", "0.5"}, []string{"real", "real", "real"}},
		{[]string{"0.5", "nan"}, []string{"real", "text", "real"}},
		{[]string{"NaN", "0.5"}, []string{"real", "real", "real"}},
		{[]string{"435103602849", "12"}, []string{"integer", "integer", "integer"}},
		{[]string{"435103e02849"}, []string{"real", "real", "real"}},
		{late, []string{"real", `broken by "0.5" in row 100`, "real"}},
	} {
		for i, r := range readers {
			if got := r.typeOf(test.cells); got != test.want[i] {
				t.Errorf("%s: %.3q is %s, want %s", r.name, test.cells, got, test.want[i])
			}
		}
	}
}

// difficult returns runs whose numbers a reader may mistake for something else.
func difficult() map[string]Run {
	record := func(step int, epoch float64, values ...run.Value) run.Record {
		return run.Record{Step: step, Epoch: epoch, Values: values}
	}
	value := func(key string, x float64) run.Value { return run.Value{Key: key, Unit: "nat", Value: x, Error: x} }
	long := run.Value{Key: "h_density", Unit: "1/nat", Vector: make([]float64, 200)}
	runs := map[string]Run{
		"of every kind": sample(),
		"whole at first": {Records: []run.Record{
			record(0, 0, long, value("loss", 2)), record(1, 0.5, long, value("loss", math.Inf(1)))}},
	}
	for _, x := range []float64{math.Inf(1), math.Inf(-1), math.NaN(), math.Copysign(0, -1), 5e-324, 1e21, 1 << 60} {
		runs[fmt.Sprint(x, " at first")] = Run{Records: []run.Record{record(0, 0, value("loss", x)),
			record(1, 0.5, value("loss", 0.25)), record(2, 1, value("loss", math.Inf(1)), value("k_max", math.Inf(-1)), value("k_min", math.NaN()))}}
	}
	for name, r := range runs {
		r.ID = "r435103e02849"
		for i := range r.Records {
			for k := range r.Records[i].Values {
				r.Records[i].Values[k].How.Probe, r.Records[i].Values[k].How.Method = "loss", "mean"
			}
		}
		runs[name] = r
	}
	return runs
}

// Every reader takes numbers for numbers and texts for texts.
func TestCSVColumns(t *testing.T) {
	want := map[string]string{
		"run": "text", "step": "integer", "epoch": "real", "time": "text", "key": "text", "index": "integer", "value": "real",
		"error": "real", "unit": "text", "probe": "text", "method": "text", "error_kind": "text", "examples": "integer", "l": "integer",
		"m": "integer", "products": "integer", "seed": "integer", "tolerance": "real", "seconds": "real", "note": "text",
		"sampling_error": "real", "sampling_kind": "text", "rounding": "real", "lr": "real", "batch": "integer", "n": "integer",
	}
	for name, run := range difficult() {
		lines, err := csv.NewReader(bytes.NewReader(written(t, "csv", run))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, column := range lines[0] {
			var cells []string
			for _, line := range lines[1:] {
				cells = append(cells, line[i])
			}
			for _, r := range readers {
				if got := r.typeOf(cells); got != want[column] && strings.Join(cells, "") != "" {
					t.Errorf("%s: column %s is %s for %s, want %s; it begins with %q", name, column, got, r.name, want[column], cells[:min(3, len(cells))])
				}
			}
		}
	}
}

// The types and the compression of the Parquet file are among those that all readers know.
func TestParquetColumns(t *testing.T) {
	known := []string{"STRING", "INT(64,true)", "INT(64,false)", "INT(32,true)", "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)", "DOUBLE"}
	for name, r := range difficult() {
		content := written(t, "parquet", r)
		file, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(name, err)
		}
		for _, f := range file.Schema().Fields() {
			if !f.Leaf() || f.Repeated() || !slices.Contains(known, f.Type().String()) {
				t.Errorf("%s: column %s has the type %s", name, f.Name(), f.Type())
			}
		}
		for _, group := range file.Metadata().RowGroups {
			for _, column := range group.Columns {
				if codec := column.MetaData.Codec.String(); codec != "ZSTD" {
					t.Errorf("%s: compressed with %s", name, codec)
				}
			}
		}
	}
}

// A key has vectors in all records and formats, or in none.
func TestVectorKeys(t *testing.T) {
	value := func(key string, x float64, vector ...float64) run.Value {
		return run.Value{Key: key, Value: x, Vector: vector}
	}
	r := Run{ID: "r0123456789ab", Records: []run.Record{
		{Step: 0, Values: []run.Value{value("h_min", -2, -2, -1), value("h_top5", 5, 5, 4), value("own", 1, 1, 2)}},
		{Step: 1, Values: []run.Value{value("h_min", -3), value("h_top5", 6), value("own", 3)}},
	}}
	var got []string
	for _, row := range Rows(r) {
		index := "-"
		if row.Index != nil {
			index = fmt.Sprint(*row.Index)
		}
		got = append(got, fmt.Sprint(row.Key, "/", index, "=", row.Value))
	}
	want := "h_min/-=-2 h_top5/0=5 h_top5/1=4 own/0=1 own/1=2 h_min/-=-3 h_top5/0=6 own/0=3"
	if strings.Join(got, " ") != want {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, " "), want)
	}
	text := strings.Join(strings.Fields(string(written(t, "json", r))), "")
	for _, part := range []string{`"key":"h_min","value":-2,"error":0`, `"key":"h_top5","value":6,"vector":[6]`} {
		if !strings.Contains(text, part) {
			t.Errorf("JSON lacks %s:\n%s", part, text)
		}
	}
	if len(r.Records[0].Values[0].Vector) != 2 {
		t.Error("the caller's records were changed")
	}
}
