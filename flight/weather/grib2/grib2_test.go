package grib2

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"breakeven/rng"
)

// scan returns the messages of a file in memory.
func scan(t *testing.T, file []byte) []*Message {
	t.Helper()
	list, err := Scan(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func values(t *testing.T, file []byte, m *Message) []float32 {
	t.Helper()
	dst := make([]float32, m.Grid.Len())
	if err := m.Read(bytes.NewReader(file), dst); err != nil {
		t.Fatal(err)
	}
	return dst
}

// same compares bit by bit, except that all NaN are the same.
func same(a, b []float32) bool {
	for i := range a {
		if a[i] != b[i] && (a[i] == a[i] || b[i] == b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

// Values come back from every packing, with every kind of missing values, and from bitmaps.
func TestPackings(t *testing.T) {
	const cols, rows = 11, 9
	r := rng.New(1, "grib2")
	for _, missing := range []uint8{0, 1, 2} {
		for order := range 3 {
			for _, mapped := range []bool{false, true} {
				s := stored{reference: -3.5, binary: -2, decimal: 1, missing: missing, order: order}
				there, want := make([]bool, cols*rows), make([]float32, cols*rows)
				for k := range want {
					want[k] = float32(math.NaN())
					if there[k] = !mapped || r.IntN(3) > 0; !there[k] {
						continue
					}
					x := int64(k*k%300 + r.IntN(40))
					want[k] = float32((-3.5 + float64(x)/4) / 10)
					if missing > 0 && (r.IntN(4) == 0 || k > 30 && k < 50) {
						x, want[k] = absent, float32(math.NaN())
					}
					s.x = append(s.x, x)
				}
				packings := map[string]func() ([]byte, []byte){"complex": s.complex}
				if missing == 0 && order == 0 {
					packings["simple"] = s.simple
				}
				for name, packing := range packings {
					five, seven := packing()
					six := noBitmap()
					if mapped {
						six = bitmap(there)
					}
					file := message(identification(), degrees(cols, rows, 40e6, 250e6, 60e6, 280e6, northward), product(Temperature), five, six, seven)
					if got := values(t, file, scan(t, file)[0]); !same(got, want) {
						t.Errorf("%s, missing values %d, differences %d, bitmap %t:\n%v, want\n%v", name, missing, order, mapped, got, want)
					}
				}
			}
		}
	}
}

// The header of a message says what it is, when, and where; and several fields share the sections
// that are not repeated, a bitmap among them.
func TestHeader(t *testing.T) {
	s := stored{x: []int64{1, 2, 3, 4}}
	five, seven := s.simple()
	again := section(6, []byte{254})
	file := append([]byte("a line of a telecommunication header\r\r\n"), message(identification(), cone(3, 2, northward),
		product(WindU), five, bitmap([]bool{true, true, false, true, false, true}), seven,
		product(WindV), five, again, seven, product(Temperature), five, again, seven)...)
	file = append(file, "\r\r\n\x03"...)
	file = append(file, message(identification(), degrees(2, 2, 0, 0, 10e6, 10e6, northward), product(Temperature), five, noBitmap(), seven)...)
	list := scan(t, file)
	if len(list) != 4 {
		t.Fatalf("%d fields", len(list))
	}
	for i, want := range []Parameter{WindU, WindV, Temperature, Temperature} {
		m := list[i]
		if m.Parameter != want || m.Surface != Isobaric || m.Level != 25000 || m.Reference != 1375336800 || m.Valid != m.Reference+3*3600 {
			t.Errorf("field %d: %+v", i, m)
		}
		if turned := i < 3; m.Grid.Turned != turned || (m.Number == 1) != turned {
			t.Errorf("field %d: turned %t, message %d", i, m.Grid.Turned, m.Number)
		}
	}
	nan := float32(math.NaN())
	for i := range 3 {
		if got := values(t, file, list[i]); !same(got, []float32{1, 2, nan, 3, nan, 4}) {
			t.Errorf("field %d: %v", i, got)
		}
	}
	if list[0].Grid != list[2].Grid || list[0].Grid == list[3].Grid {
		t.Error("grids do not compare as they should")
	}
}

// Points stand where the scanning mode says: point k of the file is the same place as the point
// that the plain mode has for its column and row.
func TestScanningModes(t *testing.T) {
	const cols, rows = 4, 3
	for mode := 0; mode < 0x100; mode += 0x10 {
		scan := uint8(mode)
		lat1, lat2, lon1, lon2 := int32(10e6), int32(30e6), int32(350e6), int32(20e6)
		if scan&northward == 0 {
			lat1, lat2 = lat2, lat1
		}
		if scan&westward != 0 {
			lon1, lon2 = lon2, lon1
		}
		for name, three := range map[string][]byte{"degrees": degrees(cols, rows, lat1, lon1, lat2, lon2, scan), "cone": cone(cols, rows, scan)} {
			g := gridOf(three)
			if g.fault != "" {
				t.Fatal(g.fault)
			}
			k := 0
			visit := func(i, j int) {
				lat, lon := g.Point(k)
				k++
				x, y := g.sign(westward)*float64(i), -g.sign(northward)*float64(j)
				wantLat, wantLon := g.lambert.Point(x, y)
				if name == "degrees" {
					wantLat, wantLon = float64(lat1)/1e6+10*y, wrap(float64(lon1)/1e6+10*x)
				}
				if math.Abs(lat-wantLat) > 1e-12 || math.Abs(lon-wantLon) > 1e-12 {
					t.Errorf("%s, mode %#02x: column %d, row %d at %g, %g, want %g, %g", name, scan, i, j, lat, lon, wantLat, wantLon)
				}
			}
			outer, inner := rows, cols
			if scan&columns != 0 {
				outer, inner = cols, rows
			}
			for a := range outer {
				for b := range inner {
					if scan&zigzag != 0 && a%2 == 1 {
						b = inner - 1 - b
					}
					if scan&columns != 0 {
						visit(a, b)
					} else {
						visit(b, a)
					}
				}
			}
		}
	}
}

// A Lambert grid is conformal and true to length on its parallel: small steps along x and y are
// perpendicular, equally long, and x lies in the direction that Turn says.
func TestLambert(t *testing.T) {
	for _, parallels := range [][2]float64{{25, 25}, {30, 60}, {-30, -60}} {
		lat0 := math.Copysign(20, parallels[0])
		l, err := NewLambert(Lambert{Radius: 6371229, Lat: lat0, Lon: 170, Central: -175, Dx: 1000, Dy: 1000, Parallels: parallels})
		if err != nil {
			t.Fatal(err)
		}
		if lat, lon := l.Point(0, 0); math.Abs(lat-lat0) > 1e-9 || math.Abs(lon-170) > 1e-9 {
			t.Errorf("the first point is at %g, %g", lat, lon)
		}
		for _, at := range [][2]float64{{0, 0}, {1500, 700}, {3000, 100}, {200, 2500}} {
			lat, lon := l.Point(at[0], at[1])
			step := func(dx, dy float64) (east, north float64) {
				lat2, lon2 := l.Point(at[0]+dx, at[1]+dy)
				return wrap(lon2-lon) * math.Cos(lat*math.Pi/180), lat2 - lat
			}
			e, n := step(1e-3, 0)
			e2, n2 := step(0, 1e-3)
			if size := math.Hypot(e, n); math.Abs(e*e2+n*n2) > 1e-4*size*size || math.Abs(math.Hypot(e2, n2)/size-1) > 1e-4 {
				t.Errorf("at %g, %g x is (%g, %g) and y (%g, %g)", lat, lon, e, n, e2, n2)
			}
			// The wind (u, 0) blows to the east with u cos a and to the north with −u sin a.
			if a := l.Turn(lon); math.Abs(math.Remainder(math.Atan2(n, e)+a, 2*math.Pi)) > 1e-4 {
				t.Errorf("at %g, %g x goes %g radians north of east, and Turn says −%g", lat, lon, math.Atan2(n, e), a)
			}
		}
	}
}

// What is not read is named, each in one error with the message and its place.
func TestRefused(t *testing.T) {
	s := stored{x: []int64{1, 2, 3, 4}}
	five, seven := s.simple()
	three, four := degrees(2, 2, 0, 0, 10e6, 10e6, northward), product(Temperature)
	with := func(b []byte, at int, to ...byte) []byte {
		b = bytes.Clone(b)
		copy(b[at:], to)
		return b
	}
	good := message(identification(), three, four, five, noBitmap(), seven)
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "no GRIB message"},
		{"cut in its head", good[:10], "message 1 at byte 0: the file ends in its first section: it is truncated"},
		{"cut", good[:len(good)-9], "the file ends after"},
		{"second cut", append(bytes.Clone(good), good[:60]...), fmt.Sprintf("message 2 at byte %d: ", len(good))},
		{"edition 1", with(good, 7, 1), "GRIB edition 1"},
		{"no end", with(good, len(good)-4, 'x'), "does not end in 7777"},
		{"section of no length", with(good, 16, 0, 0, 0, 0), "section 1 claims 0 bytes"},
		{"section beyond the message", with(good, 16, 0, 1, 0, 0), "section 1 claims 65536 bytes"},
		{"data before the packing", message(identification(), three, four, noBitmap(), seven), "section 6: section 5 does not come before it"},
		{"packing left out for the second field", message(identification(), three, four, five, noBitmap(), seven, four, noBitmap(), seven), "section 5 does not come before"},
		{"template 3.10", message(identification(), with(three, 12, 0, 10), four, five, noBitmap(), seven), "grid template 3.10"},
		{"reduced grid", message(identification(), with(three, 10, 2), four, five, noBitmap(), seven), "rows have different numbers"},
		{"points", message(identification(), with(three, 6, 0, 0, 0, 5), four, five, noBitmap(), seven), "2 × 2 points and a field of 5"},
		{"huge grid", message(identification(), with(three, 30, 255, 255, 255, 255, 255, 255, 255, 255), four, five, noBitmap(), seven), "at most"},
		{"offset rows", message(identification(), with(three, 71, 0x41), four, five, noBitmap(), seven), "rows are offset"},
		{"ellipsoid", message(identification(), with(cone(2, 2, northward), 14, 4), four, five, noBitmap(), seven), "earth of shape 4"},
		{"no projection", message(identification(), with(cone(2, 2, northward), 65, 0, 0, 0, 0, 0, 0, 0, 0), four, five, noBitmap(), seven), "no projection"},
		{"template 4.8", message(identification(), three, with(four, 7, 0, 8), five, noBitmap(), seven), "product template 4.8"},
		{"forecast in months", message(identification(), three, with(four, 17, 3), five, noBitmap(), seven), "unit 3 of table 4.4"},
		{"JPEG 2000", message(identification(), three, four, with(five, 9, 0, 40), noBitmap(), seven), "data template 5.40 (JPEG 2000)"},
		{"short packing", message(identification(), three, four, with(five, 9, 0, 3), noBitmap(), seven), "too short for data template 5.3"},
		{"numbers of 64 bits", message(identification(), three, four, with(five, 19, 64), noBitmap(), seven), "more than 32"},
		{"too few values", message(identification(), three, four, with(five, 5, 0, 0, 0, 3), noBitmap(), seven), "3 values for 4 points"},
		{"too little data", message(identification(), three, four, with(five, 19, 17), noBitmap(), seven), "68 bits of data are needed"},
		{"infinite", message(identification(), three, four, with(five, 15, 0x7f, 0xff), noBitmap(), seven), "beyond a 32-bit float"},
		{"bitmap of a centre", message(identification(), three, four, five, section(6, []byte{7}), seven), "bitmap 7 of the originating centre"},
		{"no bitmap before", message(identification(), three, four, five, section(6, []byte{254}), seven), "bitmap before it"},
		{"short bitmap", message(identification(), three, four, five, section(6, []byte{0}), seven), "bitmap of 0 bytes"},
		{"bitmap of others", message(identification(), three, four, five, bitmap([]bool{true, false, false, false}), seven), "bitmap with 1 points, and 4 values"},
	} {
		list, err := Scan(bytes.NewReader(c.file), int64(len(c.file)))
		if err == nil {
			err = list[len(list)-1].Check()
		}
		if m := len(list) - 1; err == nil {
			err = list[m].Read(bytes.NewReader(c.file), make([]float32, list[m].Grid.Len()))
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || c.file != nil && !strings.HasPrefix(err.Error(), "message ") {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// Groups that do not make up the field are damage.
func TestDamagedGroups(t *testing.T) {
	s := stored{x: []int64{1, 2, 3, 4, 9, 9, 9, 12}, order: 2}
	five, seven := s.complex()
	build := func(five []byte) []byte {
		return message(identification(), degrees(4, 2, 0, 0, 10e6, 10e6, northward), product(Temperature), five, noBitmap(), seven)
	}
	put := func(octet int, x uint32, bytes int) []byte {
		b := append([]byte(nil), five...)
		for i := range bytes {
			b[octet-1+i] = byte(x >> (8 * (bytes - 1 - i)))
		}
		return b
	}
	for name, five := range map[string][]byte{
		"method of groups": put(22, 0, 1), "method of missing values": put(23, 3, 1), "number of groups": put(32, 1<<31, 4), "one group less": put(32, 2, 4),
		"widths": put(36, 30, 1), "bits of widths": put(37, 33, 1), "lengths": put(38, 1<<31, 4), "last group": put(43, 7, 4),
		"order": put(48, 3, 1), "descriptors": put(49, 0, 1), "descriptors of 5 bytes": put(49, 5, 1), "bits of references": put(20, 32, 1),
	} {
		file := build(five)
		m := scan(t, file)[0]
		if err := m.Read(bytes.NewReader(file), make([]float32, 8)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzRead looks for files that break the reader, or make it take more memory than they have a
// claim to.
func FuzzRead(f *testing.F) {
	s := stored{x: []int64{1, 2, absent, 4, 9, 9, 9, 12}, order: 2, missing: 1}
	five, seven := s.complex()
	three, four := degrees(4, 2, 0, 0, 10e6, 10e6, northward), product(Temperature)
	f.Add(message(identification(), three, four, five, noBitmap(), seven))
	s = stored{x: []int64{1, 2, 3}}
	five, seven = s.simple()
	f.Add(message(identification(), cone(2, 2, zigzag), four, five, bitmap([]bool{true, true, false, true}), seven, four, five, section(6, []byte{254}), seven))
	f.Fuzz(func(t *testing.T, file []byte) {
		list, err := Scan(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		for _, m := range list {
			if m.Check() != nil || m.Grid.Len() > 1<<16 {
				continue
			}
			if lat, lon := m.Grid.Point(m.Grid.Len() - 1); !(math.Abs(lat) <= 90+1e-9 && math.Abs(lon) <= 180) {
				t.Errorf("a grid that reaches to %g, %g", lat, lon)
			}
			dst := make([]float32, m.Grid.Len())
			if err := m.Read(bytes.NewReader(file), dst); err != nil {
				continue
			}
			for _, x := range dst {
				if math.IsInf(float64(x), 0) {
					t.Errorf("a value of %g", x)
				}
			}
		}
	})
}

// Numbers of bits come back, whatever their width and place.
func TestBits(t *testing.T) {
	r := rng.New(2, "bits")
	var w bitWriter
	var want []int64
	var widths []int
	for range 500 {
		n := r.IntN(33)
		x := int64(r.Uint64() & (1<<n - 1))
		w.put(x, n)
		want, widths = append(want, x), append(widths, n)
	}
	b := bitReader{data: w.b}
	for i := range want {
		if got := b.take(widths[i]); got != want[i] {
			t.Fatalf("number %d of %d bits is %d, want %d", i, widths[i], got, want[i])
		}
	}
	if b.need(8) == nil || signed(binary.BigEndian.AppendUint16(nil, 0x8003)) != -3 {
		t.Error("the end of the data, or a sign")
	}
}

// The file in testdata is what the writer of these tests makes: temperature and winds on a cone, in
// three packings.
func TestSmallFile(t *testing.T) {
	const cols, rows = 12, 9
	var t0, u, v stored
	for k := range cols * rows {
		i, j := k%cols, k/cols
		t0.x = append(t0.x, int64(34+3*i-2*j+i*j%5))
		u.x = append(u.x, int64(400-20*j+i))
		v.x = append(v.x, int64(30+(i-5)*(i-5)))
	}
	t0.reference, t0.decimal, t0.order, t0.missing = 2250, 1, 2, 1
	u.reference, u.decimal, u.order = -100, 1, 1
	v.reference, v.binary = -20, -1
	t0.x[50] = absent
	five0, seven0 := t0.complex()
	five1, seven1 := u.complex()
	five2, seven2 := v.simple()
	file := append(message(identification(), cone(cols, rows, northward), product(Temperature), five0, noBitmap(), seven0),
		message(identification(), cone(cols, rows, northward), product(WindU), five1, noBitmap(), seven1, product(WindV), five2, noBitmap(), seven2)...)
	const name = "testdata/small.grib2"
	if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, file) {
		t.Errorf("%s differs from what is written now, %v", name, err)
	}
}
