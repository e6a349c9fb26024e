package pickle

import (
	"fmt"
	"math"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything allows every name in the tables of the package.
var everything = Loader{Classes: Join(Collections, NumPy, SciPy)}

func load(t testing.TB, name string) any {
	t.Helper()
	v, err := everything.File(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// get returns the value of a key of a dictionary.
func get(t testing.TB, v any, key any) any {
	t.Helper()
	d, ok := v.(*Dict)
	if !ok {
		t.Fatalf("%s is no dictionary", Describe(v))
	}
	v, ok = d.Get(key)
	if !ok {
		t.Fatalf("%v is missing", key)
	}
	return v
}

// plain converts a value without cycles to Go's own types.
func plain(t testing.TB, v any) any {
	switch v := v.(type) {
	case *List:
		return plainAll(t, v.Items)
	case *Set:
		return plainAll(t, v.Items)
	case Tuple:
		return plainAll(t, v)
	case *Dict:
		m := map[string]any{}
		for i, k := range v.Keys {
			m[fmt.Sprint(plain(t, k))] = plain(t, v.Values[i])
		}
		return m
	case Bytes:
		return "bytes " + string(v)
	case Old:
		return "old " + string(v)
	case *big.Int:
		return "big " + v.String()
	case *Array:
		x, err := v.Float64s()
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(v.Shape, x)
	case *CSR:
		indptr, indices, values, err := v.Parts()
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(v.Shape, indptr, indices, values)
	}
	return v
}

func plainAll(t testing.TB, items []any) any {
	list := []any{}
	for _, item := range items {
		list = append(list, plain(t, item))
	}
	return list
}

// Everything that Python 3 writes, in all protocols.
func TestProtocols(t *testing.T) {
	const csr = "[2 3] [0 1 2] [1 0] [1.5 2]"
	want := map[string]any{
		"none": nil, "true": true, "false": false,
		"ints": []any{int64(0), int64(1), int64(-1), int64(255), int64(256), int64(65535), int64(65536), int64(math.MinInt32), int64(1 << 31),
			int64(math.MaxInt64), int64(math.MinInt64), "big 9223372036854775808", "big -1180591620717411303424"},
		"floats":    []any{0.0, -1.5, 1e300, math.Inf(1)},
		"texts":     []any{"", "a", "é\n\\", "\u20ac", "😀", "'\""},
		"bytes":     []any{"bytes ", "bytes \x00\xff'"},
		"bytearray": "bytes ab",
		"tuples":    []any{[]any{}, []any{int64(1)}, []any{int64(1), int64(2)}, []any{int64(1), int64(2), int64(3)}, []any{int64(1), int64(2), int64(3), int64(4)}},
		"set":       []any{int64(1)}, "frozenset": []any{int64(2)},
		"keys":    map[string]any{"1": "a", "b": int64(2), "[1 x]": int64(3), "<nil>": int64(4), "2.5": int64(5), "bytes c": int64(6)},
		"ordered": map[string]any{"z": int64(1), "a": int64(2)},
		"graph":   map[string]any{"0": []any{int64(1)}, "2": []any{int64(0), int64(1)}},
		"array":   "[2 3] [0 1 2 3 4 5]",
		"fortran": "[2 3] [0 1 2 3 4 5]",
		"big":     "[3] [0 1 2]",
		"bools":   "[2] [1 0]",
		"halves":  "[2] [1.5 -2]",
		"scalars": []any{1.5, int64(-7), true, "x"},
		"empty":   "[0 3] []",
		"csr":     csr, "csr_array": csr,
	}
	for protocol := range 6 {
		v := load(t, fmt.Sprintf("p%d.pkl", protocol))
		for key, want := range want {
			if diff := cmp.Diff(want, plain(t, get(t, v, key))); diff != "" {
				t.Errorf("protocol %d, %s: %s", protocol, key, diff)
			}
		}
		// A list that contains itself, twice.
		cycle := get(t, v, "cycle").(*List)
		shared := get(t, v, "shared").(*List)
		if cycle.Items[1] != any(cycle) || shared.Items[0] != any(cycle) || shared.Items[1] != any(cycle) {
			t.Errorf("protocol %d: the cycle is broken", protocol)
		}
		if keys := get(t, v, "ordered").(*Dict).Keys; !slices.Equal(keys, []any{"z", "a"}) {
			t.Errorf("protocol %d: order %v", protocol, keys)
		}
		keys := get(t, v, "keys")
		for key, want := range map[any]int64{true: 0, "b": 2, 2.5: 5, nil: 4} {
			if got := get(t, keys, key); got != want && (got != "a" || want != 0) {
				t.Errorf("protocol %d: value of key %v: %v", protocol, key, got)
			}
		}
		for _, key := range []any{Tuple{int64(1), "x"}, Tuple{1.0, "x"}} {
			if got := get(t, keys, key); got != int64(3) {
				t.Errorf("protocol %d: value of a tuple: %v", protocol, got)
			}
		}
		if got := get(t, keys, Bytes("c")); got != int64(6) {
			t.Errorf("protocol %d: value of bytes: %v", protocol, got)
		}
	}
}

// The same written by Python 2, whose strings are bytes.
func TestOld(t *testing.T) {
	want := map[string]any{
		"text": "old it's\n\\ \xe9\x00", "unicode": "\u20ac é 😀 \\u",
		"ints":   []any{int64(0), int64(-1), int64(1 << 31), "big 9223372036854775808", int64(12)},
		"float":  1.5,
		"bool":   []any{true, false},
		"graph":  map[string]any{"0": []any{int64(1)}},
		"set":    []any{int64(1)},
		"array":  "[2 3] [0 1 2 3 4 5]",
		"scalar": 2.5,
		"csr":    "[2 3] [0 1 2] [1 0] [1.5 2]",
	}
	for protocol := range 3 {
		v := load(t, fmt.Sprintf("old-%d.pkl", protocol))
		for key, want := range want {
			if diff := cmp.Diff(want, plain(t, get(t, v, key))); diff != "" {
				t.Errorf("protocol %d, %s: %s", protocol, key, diff)
			}
		}
		if text, ok := Text(get(t, v, "text")); !ok || text != "it's\n\\ é\x00" {
			t.Errorf("protocol %d: text %q", protocol, text)
		}
	}
}

// A name that is not in the table is refused, and the error names it.
func TestRefused(t *testing.T) {
	for name, want := range map[string]string{
		"evil.pkl":    `it needs "posix.system" of Python, which is not among what is read; no code of a pickle is ever run (at byte `,
		"csc.pkl":     `it needs "scipy.sparse._csc.csc_matrix" of Python`,
		"objects.pkl": "an array of Python objects, which is a pickle and can hold a program",
		"records.pkl": "an array of records (a structured dtype)",
		"none.pkl":    "no such file",
	} {
		_, err := everything.File(filepath.Join("testdata", name))
		complains(t, err, want)
		complains(t, err, filepath.Join("testdata", name))
	}
	var nothing Loader
	_, err := nothing.File("testdata/p2.pkl")
	complains(t, err, `it needs "__builtin__.`)
}

// complains checks that err is one line with the wanted text in it.
func complains(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("no error, want %q", want)
	case !strings.Contains(err.Error(), want):
		t.Errorf("error %q, want %q in it", err, want)
	case strings.ContainsAny(err.Error(), "\n\r\x1b\x00"):
		t.Errorf("error %q moves a terminal's cursor", err)
	}
}

func TestDamaged(t *testing.T) {
	long := strings.Repeat("1", maxDigits+1)
	deep := "N" + strings.Repeat("\x85", 100)                      // a tuple in a tuple …
	twice := "\x80\x02N\x85" + strings.Repeat("2\x86", 40) + "Ns." // each of two of the one before
	for content, want := range map[string]string{
		"":                                 "empty",
		"\x80\x02":                         "truncated: its end is missing (at byte 2)",
		"N":                                "truncated: its end is missing",
		"\x80\x06N.":                       "of protocol 6; 0 to 5 are read",
		"hello":                            "damaged: no value has the number 101",
		"<html>":                           `not a pickle, or damaged: '<' is no instruction (at byte 0)`,
		"N.N.":                             "2 bytes follow its end",
		"NN.":                              "its program leaves more than one value",
		"(N.":                              "its program leaves more than one value",
		".":                                "its program leaves more than one value",
		"0":                                errStack.Error(),
		"2":                                errStack.Error(),
		"(2":                               errStack.Error(),
		"N(\x85.":                          errStack.Error(), // a pop does not pass a mark
		"1":                                errMark.Error(),
		"t":                                errMark.Error(),
		"e":                                errMark.Error(),
		"Na":                               errStack.Error(),
		"NNa":                              "items are added to None, which is no list",
		"NNNs":                             "keys are set in None, which is no dictionary",
		"(Nd":                              "a key without a value",
		"}]Ns":                             "a list of 0 items as a key of a dictionary",
		"}(]\x85Nu":                        "a list of 0 items as a key of a dictionary",
		"}" + twice[2:]:                    "a key that is too large",
		"}" + deep + "Nsh":                 errEnd.Error(),
		"q\x00":                            errStack.Error(),
		"h\x07.":                           "no value has the number 7",
		"g1x\n.":                           `"1x" is no number of a value`,
		"g-1\n.":                           `"-1" is no number of a value`,
		"K":                                errEnd.Error(),
		"J\x01":                            errEnd.Error(),
		"T\xff\xff\xff\xff":                errEnd.Error(),
		"\x8e" + strings.Repeat("\xff", 8): errEnd.Error(),
		"\x95" + strings.Repeat("\xff", 8): errEnd.Error(),
		"\x8b\xff\xff\xff\x7f":             errEnd.Error(),
		"I1x\n.":                           `"1x" is no integer`,
		"I" + long + "\n.":                 "an integer of more than 4300 digits",
		"L" + long + "L\n.":                "an integer of more than 4300 digits",
		"Fx\n.":                            `"x" is no float`,
		"F1":                               errEnd.Error(),
		"Sx\n.":                            "a text without its quotes",
		"S'\n.":                            "a text without its quotes",
		"S'\\'\n.":                         "a text that ends in a backslash",
		"S'\\xzz'\n.":                      `"\\xzz" in a text`,
		"V\\u12\n.":                        `"\\u12" in a text`,
		"V\\UFFFFFFFF\n.":                  `"\\UFFFFFFFF" in a text`,
		"V\\ud800\n.":                      "half of a letter",
		"X\x01\x00\x00\x00\xff.":           `"\xff" is not UTF-8`,
		"NN\x93":                           "a name of None and None",
		"cos\nsystem\n.":                   `it needs "os.system" of Python`,
		"(ios\nsystem\n.":                  `it needs "os.system" of Python`,
		"(c__builtin__\nint\no.":           "__builtin__.int is called, and must only be mentioned",
		"(i__builtin__\nint\n.":            "__builtin__.int is called, and must only be mentioned",
		"c\x1b[2J\nx\n.":                   `it needs "\x1b[2J.x" of Python`,
		"NNR":                              "a class is called with None",
		"N)R":                              "None is called",
		"N)\x81":                           "None is called",
		"N)N\x92":                          "named arguments are not read",
		"(o":                               errStack.Error(),
		"NNb":                              "None is handed a state, and has none",
		"Px\n.":                            "it needs something that lies outside of it (a text)",
		"NQ":                               "it needs something that lies outside of it (None)",
		"\x82\x01.":                        "extension registry",
		"\x97.":                            "a buffer that lies outside of the pickle",
	} {
		_, err := everything.Load([]byte(content))
		if err == nil {
			t.Errorf("%.20q: no error, want %q", content, want)
			continue
		}
		complains(t, err, want)
	}
	// Objects with wrong parts.
	for content, want := range map[string]string{
		"cnumpy\ndtype\n)R.":                                            "numpy.dtype: a type without a code",
		"cnumpy\ndtype\n(NtR.":                                          "numpy.dtype: a type of None",
		"cnumpy\ndtype\n(S'x9'\ntR.":                                    "numpy.dtype: a type of \"|x9\" is not known",
		"cnumpy\ndtype\n(S'f8'\ntRNb.":                                  "a type whose state is None",
		"cnumpy\ndtype\n(S'f8'\ntR(I3\nS'='\nNNNtb.":                    "a type of \"=f8\" is not known",
		"cnumpy.core.multiarray\n_reconstruct\n)R.":                     "an array of another kind than numpy.ndarray",
		"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntRNb.": "an array whose state is None",
		"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntR((I2\ntcnumpy\ndtype\n(S'f8'\ntRI00\nS'12345678'\ntb.":              "an array of values of an unknown order of bytes",
		"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntR((I2\ntcnumpy\ndtype\n(S'i1'\ntRI00\nS'1'\ntb.":                     "1 bytes of values, where a shape of [2] of values of 1 bytes is",
		"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntR((I-1\ntcnumpy\ndtype\n(S'i1'\ntRI00\nS'1'\ntb.":                    "an array with a dimension of -1",
		"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntR((L99999999999999999999L\ntcnumpy\ndtype\n(S'i1'\ntRI00\nS'1'\ntb.": "an array whose shape is a tuple of 1 items",
		"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'i1'\ntRS''\ntR.":                                                           "0 bytes of values",
		"cscipy.sparse.csr\ncsr_matrix\n)\x81Nb.":                                                                                      "a matrix whose state is None",
		"cscipy.sparse.csr\ncsr_matrix\n)\x81}b.":                                                                                      "a matrix whose shape is None",
		"cscipy.sparse.csr\ncsr_matrix\n)\x81}S'shape'\n(I1\nI1\ntsb.":                                                                 "is None",
		"c_codecs\nencode\n(S'x'\nS'utf-8'\ntR.":                                                                                       "neither bytes nor a Latin-1 text",
		"c_codecs\nencode\n(V\\u20ac\nS'latin1'\ntR.":                                                                                  "'€' is not in Latin-1",
		"ccollections\nOrderedDict\n((I1\nttR.":                                                                                        "a dictionary of pairs, one of which is an integer",
		"c__builtin__\nset\n(I1\ntR.":                                                                                                  "it is made of an integer, which is no list",
	} {
		_, err := everything.Load([]byte(content))
		complains(t, err, want)
	}
}

// A matrix whose parts do not fit is an error when it is asked for its parts.
func TestCSRParts(t *testing.T) {
	i4 := func(xs ...int) string {
		var s strings.Builder
		for _, x := range xs {
			fmt.Fprintf(&s, "\\x%02x\\x00\\x00\\x00", x)
		}
		return fmt.Sprintf("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntR((I%d\ntcnumpy\ndtype\n(S'i4'\ntR(I3\nS'<'\nNNNtbI00\nS'%s'\ntb", len(xs), s.String())
	}
	for name, test := range map[string]struct {
		indptr, indices, data []int
		want                  string
	}{
		"good":           {[]int{0, 1, 2}, []int{2, 0}, []int{5, 6}, ""},
		"room for more":  {[]int{0, 1, 2}, []int{2, 0, 99}, []int{5, 6, 7}, ""},
		"column":         {[]int{0, 1, 2}, []int{3, 0}, []int{5, 6}, "a sparse matrix of 3 columns with a value in column 3"},
		"rows":           {[]int{0, 2}, []int{2, 0}, []int{5, 6}, "a sparse matrix of 2 rows with an indptr of 2"},
		"no rows":        {[]int{}, []int{2, 0}, []int{5, 6}, "a sparse matrix of 2 rows with an indptr of 0"},
		"begin":          {[]int{1, 1, 2}, []int{2, 0}, []int{5, 6}, "a sparse matrix of 2 rows"},
		"backwards":      {[]int{0, 2, 1}, []int{2, 0}, []int{5, 6}, "row 1 is values 2 to 1"},
		"too many":       {[]int{0, 1, 3}, []int{2, 0}, []int{5, 6}, "row 1 is values 1 to 3, of 2"},
		"too few values": {[]int{0, 1, 2}, []int{2, 0}, []int{5}, "row 1 is values 1 to 2, of 1"},
	} {
		v, err := everything.Load([]byte("cscipy.sparse.csr\ncsr_matrix\n)\x81}S'shape'\n(I2\nI3\ntsS'indptr'\n" + i4(test.indptr...) +
			"sS'indices'\n" + i4(test.indices...) + "sS'data'\n" + i4(test.data...) + "sb."))
		if err != nil {
			t.Fatal(name, err)
		}
		indptr, indices, values, err := v.(*CSR).Parts()
		if test.want != "" {
			complains(t, err, test.want)
			continue
		}
		if err != nil || !slices.Equal(indptr, []int64{0, 1, 2}) || !slices.Equal(indices, []int64{2, 0}) || !slices.Equal(values, []float64{5, 6}) {
			t.Errorf("%s: %v %v %v (%v)", name, indptr, indices, values, err)
		}
	}
	if _, _, _, err := new(CSR).Parts(); err == nil {
		t.Error("no error for a matrix without a state")
	}
}

// The memory taken depends on the length of a pickle, whatever it claims.
func TestBounds(t *testing.T) {
	small := Loader{Most: 1000, Classes: Collections}
	_, err := small.Load([]byte(strings.Repeat("N", 1001)))
	complains(t, err, "more values than are read (at byte 1000)")

	// Many arrays of the same bytes hold these once.
	values := strings.Repeat("x", 1<<20)
	program := "\x80\x02(B\x00\x00\x10\x00" + values + "q\x01cnumpy\ndtype\n(U\x02i1tRq\x02"
	for range 1000 {
		program += "cnumpy.core.numeric\n_frombuffer\n(h\x01h\x02J\x00\x00\x10\x00\x85U\x01CtR"
	}
	v, err := everything.Load([]byte(program + "l."))
	if err != nil {
		t.Fatal(err)
	}
	list := v.(*List).Items
	if len(list) != 1002 {
		t.Fatalf("%d items", len(list))
	}
	if x, err := list[1001].(*Array).Int64s(); err != nil || len(x) != 1<<20 || x[0] != 'x' {
		t.Errorf("%d values (%v)", len(x), err)
	}
}

func TestInts(t *testing.T) {
	array := get(t, load(t, "p2.pkl"), "big")
	for _, v := range []any{&List{[]any{int64(0), int64(1), int64(2)}}, Tuple{int64(0), int64(1), int64(2)}, array} {
		if got, err := Ints(v); err != nil || !slices.Equal(got, []int64{0, 1, 2}) {
			t.Errorf("%s: %v (%v)", Describe(v), got, err)
		}
	}
	for _, v := range []any{nil, Tuple{1.5}, Tuple{big.NewInt(1)}, &Dict{}} {
		if _, err := Ints(v); err == nil {
			t.Errorf("%s: no error", Describe(v))
		}
	}
}
