package table

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"breakeven/internal/testenv"
)

// Columns of every type in three row groups, written by Arrow.
func TestParquet(t *testing.T) {
	f := fixture(t, "types.parquet")
	for _, name := range []string{"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "large_text"} {
		if got := column[int32](t, f, name); !slices.Equal(got.Data, []int32{0, 1, 2, 3, 4, 5, 6}) || !slices.Equal(got.Shape, []int{7}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := column[int64](t, f, "large").Data; got[6] != math.MaxUint32 {
		t.Errorf("large: %v", got)
	}
	if got := column[bool](t, f, "bool").Data; !slices.Equal(got, []bool{false, true, false, true, false, true, false}) {
		t.Errorf("bool: %v", got)
	}
	if got := column[int64](t, f, "after").Data; !slices.Equal(got, []int64{0, 10, 20, 30, 40, 50, 60}) {
		t.Errorf("the column after nested ones: %v", got)
	}
	lax := func(f *Field) { f.Missing, f.Time = true, true }
	for name, want := range map[string]Array[string]{
		"text":       {Data: []string{"é", "", "a", "a", "a", "a", "b"}, Missing: []int{1}},
		"dictionary": {Data: []string{"x", "y", "x", "y", "x", "y", "x"}},
		"null_text":  {Data: []string{"a", "", "c", "", "e", "f", "g"}, Missing: []int{1, 3}},
		"int8":       {Data: []string{"0", "1", "2", "3", "4", "5", "6"}},
	} {
		want.Name, want.Shape = name, []int{7}
		if diff := cmp.Diff(&want, column[string](t, f, name, func(f *Field) { f.Missing = true })); diff != "" {
			t.Error(diff)
		}
	}
	nulls := column[float64](t, f, "nulls", lax)
	if !slices.Equal(nulls.Missing, []int{1, 3, 6}) || nulls.Data[5] != 5.5 || !math.IsNaN(nulls.Data[3]) {
		t.Errorf("nulls: %v", nulls)
	}
	for _, name := range []string{"time_ms", "time_us", "time_ns"} {
		if got := column[float64](t, f, name, lax); got.Data[0] != 1375318560.5 || !slices.Equal(got.Missing, []int{6}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	for name, want := range map[string]int64{"date": 1375315200, "time_zone": 1375318560} {
		if got := column[int64](t, f, name, lax).Data; got[6] != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for name, want := range map[string]string{
		"list":    "types.parquet: column list cannot be read: it is nested (a list or a record)",
		"record":  "types.parquet: column record cannot be read: it is nested",
		"decimal": "types.parquet: column decimal cannot be read: it is of the type DECIMAL",
		"bytes":   `types.parquet: column bytes: row 1: "\xff" is not UTF-8`,
		"larger":  "types.parquet: column larger: row 1: 18446744073709551615 is beyond a 64-bit integer with a sign",
		"nulls":   "types.parquet: column nulls: row 2: empty, where a value is needed",
		"time_ms": "types.parquet: column time_ms: row 1: a time (2013-08-01T00:56:00.5Z), where a number is wanted",
		"element": "types.parquet: no column element; it has bool, int8,",
	} {
		complains(t, f.Read(Field{Names: []string{name}, Into: new(Array[float64])}), want)
	}
}

// Every compression that can be read.
func TestParquetCodecs(t *testing.T) {
	for _, codec := range []string{"none", "snappy", "gzip", "zstd"} {
		for _, version := range []string{"1", "2"} {
			f := fixture(t, codec+"-"+version+".parquet")
			var m Array[float64]
			if err := f.Read(Field{Rest: true, Into: &m}); err != nil {
				t.Error(err)
				continue
			}
			if !slices.Equal(m.Shape, []int{100, 2}) || !slices.Equal(m.Columns, []string{"x", "y"}) {
				t.Errorf("%s: shape %v, columns %v", f.Name(), m.Shape, m.Columns)
			}
			for i := range 100 {
				if m.Data[2*i] != float64(i)/2 || m.Data[2*i+1] != float64(i/50) {
					t.Fatalf("%s: row %d is %v", f.Name(), i, m.Data[2*i:2*i+2])
				}
			}
		}
	}
}

func TestParquetOtherCodec(t *testing.T) {
	complains(t, fixture(t, "brotli-1.parquet").Read(Field{Names: []string{"x"}, Into: new(Array[float64])}),
		"brotli-1.parquet: column x: packed by BROTLI, which is not read; write it with Snappy, gzip or zstd")
}

// The same flights in three formats are read to the same arrays.
func TestFormatsAgree(t *testing.T) {
	type flights struct {
		ID       Array[string]
		Time     Array[float64]
		Lat, Alt Array[float64]
		Ground   Array[bool]
	}
	var all []flights
	for _, name := range []string{"flights.csv", "flights.tsv.gz", "flights.parquet"} {
		var x flights
		if err := fixture(t, name).Read(
			Field{Names: []string{"flight_id", "callsign"}, Into: &x.ID, Missing: true},
			Field{Names: []string{"timestamp"}, Into: &x.Time, Time: true},
			Field{Names: []string{"lat", "latitude"}, Into: &x.Lat},
			Field{Names: []string{"altitude"}, Into: &x.Alt, Missing: true},
			Field{Names: []string{"onground"}, Into: &x.Ground},
		); err != nil {
			t.Fatal(err)
		}
		if !math.IsNaN(x.Alt.Data[1]) {
			t.Errorf("%s: missing altitude is %v", name, x.Alt.Data[1])
		}
		x.Alt.Data[1] = 0
		all = append(all, x)
	}
	want := flights{
		ID:     Array[string]{Name: "callsign", Shape: []int{3}, Data: []string{"AAL1", "AAL1", ""}, Missing: []int{2}},
		Time:   Array[float64]{Name: "timestamp", Shape: []int{3}, Data: []float64{1533099600, 1533099610.25, 1533099620}},
		Lat:    Array[float64]{Name: "latitude", Shape: []int{3}, Data: []float64{45.5, 45.625, 45.75}},
		Alt:    Array[float64]{Name: "altitude", Shape: []int{3}, Data: []float64{35000, 0, 36000}, Missing: []int{1}},
		Ground: Array[bool]{Name: "onground", Shape: []int{3}, Data: []bool{false, false, true}},
	}
	for _, got := range all {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// fixtureBytes returns a copy of a file of testdata.
func fixtureBytes(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// edited returns a Parquet file with a changed footer.
func edited(t *testing.T, name string, change func(m *format.FileMetaData)) string {
	t.Helper()
	b := fixtureBytes(t, name)
	n := len(b) - 8 - int(binary.LittleEndian.Uint32(b[len(b)-8:]))
	var m format.FileMetaData
	if err := thrift.Unmarshal(&thrift.CompactProtocol{}, b[n:len(b)-8], &m); err != nil {
		t.Fatal(err)
	}
	change(&m)
	footer, err := thrift.Marshal(&thrift.CompactProtocol{}, m)
	if err != nil {
		t.Fatal(err)
	}
	b = append(b[:n:n], footer...)
	return string(binary.LittleEndian.AppendUint32(b, uint32(len(footer)))) + "PAR1"
}

func TestParquetErrors(t *testing.T) {
	good := fixtureBytes(t, "none-1.parquet")
	field := Field{Names: []string{"x"}, Into: new(Array[float64])}
	huge := bytes.Clone(good)
	binary.LittleEndian.PutUint32(huge[len(huge)-8:], 1<<31)
	lists := bytes.Clone(good)
	copy(lists[len(lists)-8-int(binary.LittleEndian.Uint32(lists[len(lists)-8:])):], "\x29\xfc\xff\xff\xff\xff\x07") // a list of 2^31-1 structures
	for _, test := range []struct{ content, want string }{
		{string(good[:len(good)-1]), "a.parquet: a truncated Parquet file: its end is missing"},
		{"PAR1PAR1", "a.parquet: a truncated Parquet file of 8 bytes"},
		{string(huge), "a.parquet: a damaged Parquet file: a description of 2147483648 bytes in a file of 1659"},
		{string(lists), "a.parquet: damaged: its header ends early or makes no sense"},
		{edited(t, "none-1.parquet", func(m *format.FileMetaData) { m.RowGroups[0].NumRows = 1 << 60 }), "a.parquet: column x: damaged: 100 values for 1152921504606846976 rows"},
		{edited(t, "none-1.parquet", func(m *format.FileMetaData) { m.RowGroups[0].NumRows = -1 }), "a.parquet: a damaged Parquet file (invalid file metadata: row group 0 num_rows=-1 is negative)"},
		{edited(t, "none-1.parquet", func(m *format.FileMetaData) { m.RowGroups[0].NumRows = 99 }), "a.parquet: column x: damaged: 100 values for 99 rows"},
		{edited(t, "none-1.parquet", func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.DictionaryPageOffset = 1 << 40 }), "a.parquet: column x: damaged"},
		{edited(t, "none-1.parquet", func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.TotalCompressedSize = 1 << 62 }), "a.parquet: column x: damaged: it lies outside of the file"},
		{edited(t, "none-1.parquet", func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.TotalCompressedSize -= 8 }), "a.parquet: column x: damaged"},
		{edited(t, "none-1.parquet", func(m *format.FileMetaData) { m.RowGroups[0].Columns = nil }), "a.parquet: a damaged Parquet file"},
		{edited(t, "none-1.parquet", func(m *format.FileMetaData) { m.Schema[0].NumChildren.V = 1 << 30 }), "a.parquet: a damaged Parquet file"},
		{edited(t, "none-1.parquet", func(m *format.FileMetaData) { m.Schema = m.Schema[:1] }), "a.parquet: "},
	} {
		var err error
		if taken := testenv.Allocated(func() { err = read("a.parquet", test.content, field) }); taken > 8<<20 {
			t.Errorf("%d bytes were taken (%s)", taken, test.want)
		}
		complains(t, err, test.want)
	}
	f, err := file("a.parquet", good, &Options{Most: 400})
	if err != nil {
		t.Fatal(err)
	}
	complains(t, f.Read(field), "a.parquet: column x: it unpacks to more than 400 bytes, the most that is read")
	complains(t, f.Read(Field{Names: []string{"y"}, Into: new(Array[float64])}), "a.parquet: 100 rows of what is wanted take more than 400 bytes of memory")
}

// Missing values are in the order of the array, whatever order they came in.
func TestMissingOrder(t *testing.T) {
	want := []int{1, 2, 5}
	type row struct {
		A *float64 `parquet:"a,optional"`
		B *float64 `parquet:"b,optional"`
	}
	x := 1.5
	var buf bytes.Buffer
	if err := parquet.Write(&buf, []row{{&x, nil}, {nil, &x}, {&x, nil}}); err != nil {
		t.Fatal(err)
	}
	nan := []byte{0, 0, 0, 0, 0, 0, 0xf8, 0x7f}
	var values []byte
	for at := range 6 { // the file's order is by columns
		if row, column := at%3, at/3; slices.Contains(want, 2*row+column) {
			values = append(values, nan...)
		} else {
			values = append(values, make([]byte, 8)...)
		}
	}
	fortran := npy("{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }", values)
	for name, content := range map[string]string{"a.csv": "a,b\n1.5,\n,1.5\n1.5,\n", "a.parquet": buf.String(), "a.npy": string(fortran)} {
		var m Array[float64]
		field := Field{Rest: true, Missing: true, Into: &m}
		if name == "a.npy" {
			field.Rest, field.Names = false, []string{"a"}
		}
		if err := read(name, content, field); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.Missing, want) || !slices.Equal(m.Shape, []int{3, 2}) {
			t.Errorf("%s: missing %v in a shape of %v, want %v", name, m.Missing, m.Shape, want)
		}
	}
}

// This program can read what it exports.
func TestParquetOwn(t *testing.T) {
	type row struct {
		Run   string  `parquet:"run,dict"`
		Step  int64   `parquet:"step"`
		Value float64 `parquet:"value"`
		Index *int32  `parquet:"index,optional"`
	}
	var rows []row
	for i := range 10000 {
		r := row{"a", int64(i), float64(i) / 3, nil}
		if i%3 == 0 {
			index := int32(i)
			r.Index = &index
		}
		rows = append(rows, r)
	}
	var buf bytes.Buffer
	if err := parquet.Write(&buf, rows); err != nil {
		t.Fatal(err)
	}
	f, err := file("run.parquet", buf.Bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	runs, steps, values := column[string](t, f, "run"), column[int32](t, f, "step"), column[float64](t, f, "value")
	index := column[int32](t, f, "index", func(f *Field) { f.Missing = true })
	missing := 0
	for i, r := range rows {
		if runs.Data[i] != r.Run || int64(steps.Data[i]) != r.Step || values.Data[i] != r.Value || (r.Index != nil && index.Data[i] != *r.Index) {
			t.Fatalf("row %d differs", i)
		}
		if r.Index == nil {
			if index.Missing[missing] != i {
				t.Fatalf("row %d misses its index", i)
			}
			missing++
		}
	}
	if missing != len(index.Missing) {
		t.Errorf("%d values are missing, want %d", len(index.Missing), missing)
	}
}
