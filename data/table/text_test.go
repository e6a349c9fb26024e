package table

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"breakeven/internal/testenv"
)

func TestCSV(t *testing.T) {
	const content = "id, Lat ,n,ok,note\r\n" +
		"a,1.5,7,true,\"x, \"\"y\"\"\nz\"\r\n" +
		"a,-2e1,3.0,0,\r\n" +
		"b,NaN,-4,False,NA\r\n\r\n"
	for name, f := range map[string]*File{
		"plain":     opened(t, "a.csv", content),
		"with mark": opened(t, "a.CSV", "\xef\xbb\xbf"+content),
		"gzipped":   opened(t, "a.csv.gz", string(zipped(t, []byte(content)))),
		"no end":    opened(t, "a.csv", strings.TrimRight(content, "\r\n")),
		"unix":      opened(t, "a.csv", strings.ReplaceAll(content, "\r", "")),
	} {
		var id, note Array[string]
		var lat Array[float64]
		var n Array[int32]
		var ok Array[bool]
		var gone Array[float32]
		if err := f.Read(
			Field{Names: []string{"id"}, Into: &id},
			Field{Names: []string{"latitude", "lat"}, Into: &lat, Missing: true},
			Field{Names: []string{"n"}, Into: &n},
			Field{Names: []string{"ok"}, Into: &ok},
			Field{Names: []string{"note"}, Into: &note, Missing: true},
			Field{Names: []string{"gone"}, Into: &gone, Optional: true},
		); err != nil {
			t.Fatal(name, err)
		}
		if !math.IsNaN(lat.Data[2]) {
			t.Errorf("%s: missing latitude is %v", name, lat.Data[2])
		}
		lat.Data[2] = 0
		got := []any{id, lat, n, ok, note, gone}
		want := []any{
			Array[string]{Name: "id", Shape: []int{3}, Data: []string{"a", "a", "b"}},
			Array[float64]{Name: "Lat", Shape: []int{3}, Data: []float64{1.5, -20, 0}, Missing: []int{2}},
			Array[int32]{Name: "n", Shape: []int{3}, Data: []int32{7, 3, -4}},
			Array[bool]{Name: "ok", Shape: []int{3}, Data: []bool{true, false, false}},
			Array[string]{Name: "note", Shape: []int{3}, Data: []string{"x, \"y\"\nz", "", "NA"}, Missing: []int{1}},
			Array[float32]{},
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b []float32) bool { return slices.Equal(a, b) })); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTSV(t *testing.T) {
	f := opened(t, "a.tsv", "text\tn\n\"quoted\" and \"\t1\nit's, #\t2\n")
	if got := column[string](t, f, "text").Data; !slices.Equal(got, []string{`"quoted" and "`, "it's, #"}) {
		t.Errorf("texts %q", got)
	}
	// Without a header columns are numbered, and the first line is data.
	f, err := file("a.tab", []byte("neg\t<b>\r\npos\t{\n\n"), &Options{NoHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := column[string](t, f, "2").Data; !slices.Equal(got, []string{"<b>", "{"}) || f.Format() != "TSV" {
		t.Errorf("texts %q of a %s file", got, f.Format())
	}
}

// Rows written by encoding/csv are read back unchanged.
func TestCSVTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(0, 8).Draw(t, "rows"), rapid.IntRange(1, 5).Draw(t, "columns")
		kinds := rapid.SliceOfN(rapid.IntRange(0, 2), cols, cols).Draw(t, "kinds")
		texts := make([][]string, cols)
		floats := make([][]float64, cols)
		ints := make([][]int64, cols)
		header := make([]string, cols)
		var buf bytes.Buffer
		w := csv.NewWriter(&buf)
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		for j := range header {
			header[j] = fmt.Sprint("c", j)
		}
		must(t, w.Write(header))
		for range rows {
			row := make([]string, cols)
			for j, kind := range kinds {
				switch kind {
				case 0:
					// A carriage return before a line feed belongs to the end of the
					// line, and a zero byte is not text.
					row[j] = strings.NewReplacer("\r", "", "\x00", "").Replace(rapid.StringN(1, 9, -1).Draw(t, "text"))
					if row[j] == "" {
						row[j] = "x"
					}
					texts[j] = append(texts[j], row[j])
				case 1:
					x := rapid.Float64().Draw(t, "float")
					row[j] = strconv.FormatFloat(x, 'g', -1, 64)
					floats[j] = append(floats[j], x)
				case 2:
					x := rapid.Int64().Draw(t, "int")
					row[j] = strconv.FormatInt(x, 10)
					ints[j] = append(ints[j], x)
				}
			}
			must(t, w.Write(row))
		}
		w.Flush()
		f, err := file("a.csv", buf.Bytes(), nil)
		must(t, err)
		for j, kind := range kinds {
			var text Array[string]
			var float Array[float64]
			var whole Array[int64]
			into := []any{&text, &float, &whole}[kind]
			must(t, f.Read(Field{Names: []string{header[j]}, Into: into}))
			if !slices.Equal(text.Data, texts[j]) || !slices.Equal(float.Data, floats[j]) || !slices.Equal(whole.Data, ints[j]) {
				t.Fatalf("column %d: %q %v %v, want %q %v %v", j, text.Data, float.Data, whole.Data, texts[j], floats[j], ints[j])
			}
		}
	})
}

func must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func TestRest(t *testing.T) {
	var y Array[int32]
	var x Array[float32]
	var names []string
	var line strings.Builder
	const columns = 5000
	for j := range columns {
		names = append(names, fmt.Sprint("f", j))
		fmt.Fprintf(&line, "%d,", j%7)
	}
	content := strings.Join(names[:2], ",") + ",label," + strings.Join(names[2:], ",") + "\n"
	row := strings.TrimSuffix(line.String(), ",") + ",9\n"
	if err := read("wide.csv", content+row+row, Field{Rest: true, Into: &x}, Field{Names: []string{"label"}, Into: &y}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x.Shape, []int{2, columns}) || !slices.Equal(x.Columns, names) || !slices.Equal(y.Data, []int32{2, 2}) {
		t.Errorf("shape %v, %d names, labels %v", x.Shape, len(x.Columns), y.Data)
	}
	for j := range columns { // the label is one of the row's numbers
		want := float32((j + min(1, j/2)) % 7)
		if j == columns-1 {
			want = 9
		}
		if x.Data[j] != want || x.Data[columns+j] != want {
			t.Fatalf("column %d: %v and %v, want %v", j, x.Data[j], x.Data[columns+j], want)
		}
	}
}

func TestTextErrors(t *testing.T) {
	floats := Field{Names: []string{"lat", "latitude"}, Into: new(Array[float64])}
	for _, test := range []struct{ name, content, want string }{
		{"f.csv", "id,lat\na,1\nb,abc\n", `f.csv:3: column lat: "abc" is no number`},
		{"f.csv", "id,lat\n\"a\n\n\",1\nb,\n", `f.csv:5: column lat: empty, where a value is needed`},
		{"f.csv", "id,lat\na,nan\n", `f.csv:2: column lat: "nan", where a value is needed`},
		{"f.csv", "id,lat\na,\"3,5\"\n", `f.csv:2: column lat: "3,5" is no number; write 3.5 for three and a half`},
		{"f.csv", "id,lat\na,1e999\n", `f.csv:2: column lat: "1e999" is beyond a 64-bit float`},
		{"f.csv", "id,lat\na,0x1p-2\n", `"0x1p-2" is no number`},
		{"f.csv", "id,lat\na,\x1b[2J\n", `"\x1b[2J" is no number`},
		{"f.csv", "id,lat\na,1,2\n", `f.csv:2: it has 3 fields, and the header has 2`},
		{"f.csv", "id,lat\na\n", `f.csv:2: it has 1 fields, and the header has 2`},
		{"f.csv", "id,lat\na,1\n\n\nb,2\n", `f.csv:3: an empty line before a row`},
		{"f.csv", "\nid,lat\na,1\n", `f.csv:1: an empty line before a row`},
		{"f.tsv", "id\tlat\na\t1\n\nb\t2\n", `f.tsv:3: an empty line before a row`},
		{"f.csv", "id,lat\na \"b\",1\n", `f.csv:2: a quote in a field that does not begin with one`},
		{"f.csv", "id,lat\n\"a,1\nb,2\n", `f.csv:2: a field in quotes does not end`},
		{"f.csv", "id,lat\n\"a\" b,1\n", `f.csv:2: a field in quotes does not end, or goes on`},
		{"f.csv", "lat,lat\n1,2\n", `f.csv: the name lat stands for several columns, number 1 and number 2`},
		{"f.csv", "LAT,Lat\n1,2\n", `f.csv: the name lat stands for several columns`},
		{"f.csv", "id,lon\na,2\n", `f.csv: no column lat (or latitude); it has id, lon`},
		{"f.csv", "1.5,2\n3,4\n", `f.csv:1: numbers stand where the names of the columns should`},
		{"f.csv", "# lat\n1\n", `f.csv:1: it begins with #`},
		{"f.csv", "id;lat\na;1,5\n", `f.csv:1: columns are separated by semicolons`},
		{"f.csv", "id\tlat\na\t1\n", `f.csv:1: columns are separated by tabs`},
		{"f.tsv", "id,lat\na,1\n", `f.tsv:1: columns are separated by commas`},
		{"f.csv", "id,lat\ra,1\r", `f.csv: its lines end in carriage returns alone`},
		{"f.txt", "id,lat\na,1\n", `f.txt: how its columns are separated is not known`},
		{"f.csv", "", `f.csv is empty`},
		{"f.csv", "\xef\xbb\xbf", `f.csv is empty`},
		{"f.csv", "\n\n", `f.csv is empty`},
		{"f.csv.gz", string(zipped(t, nil)), `f.csv.gz is empty`},
		{"f.csv", "lat\n" + strings.Repeat("x", maxRecord+5000) + "\n", `f.csv:2: a line, or a field in quotes, of more than`},
		{"f.tsv", "lat\n" + strings.Repeat("x", maxRecord+5000) + "\n", `f.tsv:2: a line, or a field in quotes, of more than`},
		{"f.csv", "lat\n\"" + strings.Repeat("x\n", maxRecord/2+5000) + "\n", `f.csv:2: a line, or a field in quotes, of more than`},
		{"f.csv", strings.Repeat("lat,", maxColumns) + "\n", `columns, more than the`},
	} {
		complains(t, read(test.name, test.content, floats), test.want)
	}
	complains(t, read("f.csv", "id,lat\n\xff,1\n", Field{Names: []string{"id"}, Into: new(Array[string])}), `f.csv:2: column id: "\xff" is not UTF-8`)
	complains(t, read("f.csv", "a,b\n1,x\n", Field{Rest: true, Into: new(Array[float32])}), `f.csv:2: column b: "x" is no number`)
	complains(t, read("f.csv", "a\n1\n", Field{Names: []string{"a"}, Into: new(Array[float32])}, Field{Rest: true, Into: new(Array[float32])}), `f.csv: no columns are left for the matrix of columns; it has a`)
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprint("c", i))
	}
	complains(t, read("f.csv", strings.Join(names, ",")+"\n", floats), "it has c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 and 8 more")
}

// A damaged or endless gzip file is an error, and takes no memory.
func TestPackedText(t *testing.T) {
	floats := Field{Names: []string{"lat"}, Into: new(Array[float64])}
	good := zipped(t, []byte("lat\n"+strings.Repeat("1.5\n", 1000)))
	complains(t, read("f.csv.gz", string(good[:len(good)-9]), floats), "f.csv.gz: a damaged or truncated gzip file")
	bad := bytes.Clone(good)
	bad[len(bad)-5] ^= 1 // of the checksum
	complains(t, read("f.csv.gz", string(bad), floats), "f.csv.gz: a damaged gzip file")
	complains(t, read("f.csv.gz", "\x1f\x8b\x00\x00", floats), "f.csv.gz: a damaged gzip file")

	bomb := zipped(t, append([]byte("lat\n"), bytes.Repeat([]byte("1\n"), 16<<20)...))
	f, err := file("bomb.csv.gz", bomb, &Options{Most: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	complains(t, f.Read(floats), "bomb.csv.gz: it has more than 1048576 bytes, the most that is read")
	if f, err = file("bomb.csv.gz", bomb, &Options{Most: 100 << 20}); err != nil {
		t.Fatal(err)
	}
	taken := testenv.Allocated(func() {
		complains(t, f.Read(floats), "bomb.csv.gz: 16777217 rows of what is wanted take more than 104857600 bytes")
	})
	if taken > 1<<20 {
		t.Errorf("%d bytes were taken", taken)
	}
}

// Memory is allocated about once for the wanted columns, and not for the rest of a
// line.
func TestTextMemory(t *testing.T) {
	const rows = 20000
	var content strings.Builder
	content.WriteString("id,lat,note\n")
	for i := range rows {
		fmt.Fprintf(&content, "flight%d,1.5,%s\n", i, strings.Repeat("x", 500))
	}
	f := opened(t, "f.csv", content.String())
	var id Array[string]
	var lat Array[float64]
	before := held()
	if err := f.Read(Field{Names: []string{"id"}, Into: &id}, Field{Names: []string{"lat"}, Into: &lat}); err != nil {
		t.Fatal(err)
	}
	if kept, want := held()-before, int64(rows*(16+8+16)+1<<16); kept > want {
		t.Errorf("%d bytes are kept, want at most %d", kept, want)
	}
	if cap(lat.Data) > rows+1 || id.Len() != rows {
		t.Errorf("room for %d values of %d", cap(lat.Data), rows)
	}
	runtime.KeepAlive(f)
}

// held returns the bytes of memory in use.
func held() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestTimes(t *testing.T) {
	f := opened(t, "a.csv", "t\n2013-08-01T00:56:00Z\n2013-08-01 00:56:00.25\n2013-08-01T02:56:00+02:00\n2013-08-01\n1375318560.5\n\n")
	asTime := func(f *Field) { f.Time = true }
	want := []float64{1375318560, 1375318560.25, 1375318560, 1375315200, 1375318560.5}
	if got := column[float64](t, f, "t", asTime).Data; !slices.Equal(got, want) {
		t.Errorf("times %v, want %v", got, want)
	}
	for content, want := range map[string]string{
		"2013-08-01 00:56:00.25": `a.csv:2: column t: 1.37531856025e+09 is no whole number`,
		"yesterday":              `a.csv:2: column t: "yesterday" is no time; write seconds since 1970 (UTC), or as in 2013-08-01T00:56:00Z`,
		"1500-01-01":             `"1500-01-01" is beyond the years 1678 to 2261`,
		"NA":                     `a.csv:2: column t: "NA", where a value is needed`,
	} {
		complains(t, read("a.csv", "t\n"+content+"\n", Field{Names: []string{"t"}, Into: new(Array[int64]), Time: true}), want)
	}
}
